interface Line {
  /** Those who work or wait. */
  length: number;
  /** Kept when the last one in the line is done. */
  end: Promise<void>;
}

interface LineLimits {
  /** The most that may work or wait in one line. */
  readonly lengthMax: number;
  /** Whoever has waited for longer than that is sent away when their turn comes. */
  readonly waitMaxMs: number;
}

/** A line is too long, or has moved too slowly. Nothing was done. */
export class LineTooLongError extends Error {}

/**
 * Lets those who need the same thing work one after the other. What they would wait for anyway, in the database, they
 * wait for here, where waiting takes no connection from those who need something else.
 */
export class Turns {
  readonly #limits: LineLimits;
  readonly #lines = new Map<string, Line>();

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  /**
   * Works when the turn comes.
   *
   * @param key names what is needed
   * @throws LineTooLongError, or whatever the work fails with
   */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(key) ?? { length: 0, end: Promise.resolve() };
    if (line.length >= this.#limits.lengthMax) throw new LineTooLongError("The line is too long.");
    const turn = line.end;
    const done = Promise.withResolvers<void>();
    line.end = done.promise;
    line.length += 1;
    this.#lines.set(key, line);
    const sinceMs = performance.now();
    try {
      await turn;
      if (performance.now() - sinceMs > this.#limits.waitMaxMs)
        throw new LineTooLongError("The line moves too slowly.");
      return await work();
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(key);
      done.resolve();
    }
  }

  /** How many lines there are at the moment. */
  get size(): number {
    return this.#lines.size;
  }
}
