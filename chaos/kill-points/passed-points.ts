/** A point of this process. */
export interface Point {
  readonly name: string;
  /** How often it was passed since that was last told. */
  passed: number;
}

/** Where a point was passed: what can be hurt from there. */
export interface Place {
  /** The server's process at the other end of the statement's connection; null when there is none. */
  readonly backendPid: number | null;
  /** Sends what is still held back. @returns whether all of it has been taken by the operating system */
  readonly flush: () => boolean;
}

/** Is told of each passing while something is armed. */
export type Approach = (point: Point, placeOf: () => Place) => void;

/** The points of this process. With nothing armed, passing one costs an addition. */
export class PassedPoints {
  readonly #prefix: string;
  readonly #points = new Map<string, Point>();
  #approach: Approach | null = null;

  /** @param prefix tells points of one kind of process from the same points of another */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The point of this name, which is always the same one. */
  named(name: string): Point {
    const full = this.#prefix + name;
    const known = this.#points.get(full);
    if (known !== undefined) return known;
    const point = { name: full, passed: 0 };
    this.#points.set(full, point);
    return point;
  }

  pass(point: Point, placeOf: () => Place): void {
    point.passed += 1;
    this.#approach?.(point, placeOf);
  }

  /** @param approach is told of each passing from now on; null for nobody */
  watch(approach: Approach | null): void {
    this.#approach = approach;
  }

  /** @returns what was passed since the last call */
  take(): Record<string, number> {
    const taken: Record<string, number> = {};
    for (const point of this.#points.values()) {
      if (point.passed === 0) continue;
      taken[point.name] = point.passed;
      point.passed = 0;
    }
    return taken;
  }
}
