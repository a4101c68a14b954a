import type { SampleEntry } from "../history/history-entry.ts";

/** Samples of so many milliseconds are taken together; those next to a moment tell what the database's clock said then. */
const bucketMs = 5_000;
/** By how much the two clocks may drift apart between samples, and what is cut off by rounding to milliseconds. */
export const clockToleranceMs = 5;

/** How far the database's clock was ahead of that of the run. */
interface Offset {
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * Tells what time it was by the database's clock at a moment of the run. The answer to a sample was made after its
 * question was sent and before it came, so each sample bounds how far the clocks are apart from below and from above.
 */
export class DatabaseTime {
  readonly #buckets = new Map<number, Offset>();
  #sorted: readonly number[] | null = null;

  get isKnown(): boolean {
    return this.#buckets.size > 0;
  }

  observe({ t_mono, t_mono_end, database_ms }: SampleEntry): void {
    const bucket = Math.floor(t_mono / bucketMs);
    const known = this.#buckets.get(bucket) ?? { lowMs: -Infinity, highMs: Infinity };
    this.#buckets.set(bucket, {
      lowMs: Math.max(known.lowMs, database_ms - t_mono_end),
      highMs: Math.min(known.highMs, database_ms - t_mono),
    });
    this.#sorted = null;
  }

  /** The earliest that the database's clock can have shown at a moment of the run. */
  earliest(monoMs: number): number {
    return monoMs + this.#around(monoMs).lowMs - clockToleranceMs;
  }

  /** The latest that it can have shown. */
  latest(monoMs: number): number {
    return monoMs + this.#around(monoMs).highMs + clockToleranceMs;
  }

  /** The moment of the run, to within the length of a sample, at which the database's clock showed a time; null when nothing is known. */
  toRun(databaseMs: number): number | null {
    this.#sorted ??= [...this.#buckets.keys()].toSorted((one, other) => one - other);
    const [first] = this.#sorted;
    if (first === undefined) return null;
    const guessMs = databaseMs - middle(this.#around(first * bucketMs));
    return databaseMs - middle(this.#around(guessMs));
  }

  #around(monoMs: number): Offset {
    const bucket = Math.floor(monoMs / bucketMs);
    const near = [bucket - 1, bucket, bucket + 1].flatMap((each) => this.#buckets.get(each) ?? []);
    if (near.length === 0) return this.#nearest(bucket);
    const lowMs = Math.max(...near.map((each) => each.lowMs));
    const highMs = Math.min(...near.map((each) => each.highMs));
    // A clock that was corrected in between makes the bounds cross: then both are believed.
    return { lowMs: Math.min(lowMs, highMs), highMs: Math.max(lowMs, highMs) };
  }

  /** While the database was away there are no samples: those before and after tell together. */
  #nearest(bucket: number): Offset {
    this.#sorted ??= [...this.#buckets.keys()].toSorted((one, other) => one - other);
    const before = this.#sorted.findLast((each) => each < bucket);
    const after = this.#sorted.find((each) => each > bucket);
    const known = [before, after].flatMap((each) =>
      each === undefined ? [] : (this.#buckets.get(each) ?? []),
    );
    if (known.length === 0) return { lowMs: -Infinity, highMs: Infinity };
    return {
      lowMs: Math.min(...known.map((each) => each.lowMs)),
      highMs: Math.max(...known.map((each) => each.highMs)),
    };
  }
}

function middle({ lowMs, highMs }: Offset): number {
  return (lowMs + highMs) / 2;
}
