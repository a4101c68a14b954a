/** What is kept of each second. Requests, holds and confirms are counts; the rest are figures of that moment. */
export const historyColumns = [
  "requests",
  "refused",
  "errors",
  "holds",
  "confirms",
  "workers",
  "workersWanted",
  "cpuPercent",
  "memoryBytes",
  "eventLoopLagMs",
  "poolWaiting",
  "databaseConnections",
  "databaseLatencyMs",
  "held",
  "sold",
  "free",
] as const;

export type HistoryColumn = (typeof historyColumns)[number];

/** One second. Null is what could not be measured. */
export type SecondSample = Readonly<Record<HistoryColumn, number | null>>;

/** Six hours. */
export const historySeconds = 6 * 60 * 60;

/**
 * The last six hours, second by second, in memory that is claimed once and never grows. Seconds are counted from
 * any fixed moment. A second of which nothing was written is unknown, which is not zero.
 */
export class SecondHistory {
  readonly #columns: Readonly<Record<HistoryColumn, Float64Array>>;
  readonly #latencies: Uint32Array;
  readonly #bucketCount: number;
  #newest: number | null = null;

  /** @param bucketCount of the histogram of latencies */
  constructor(bucketCount: number) {
    this.#bucketCount = bucketCount;
    this.#latencies = new Uint32Array(historySeconds * bucketCount);
    this.#columns = Object.fromEntries(
      historyColumns.map((name) => [name, new Float64Array(historySeconds).fill(Number.NaN)]),
    ) as Record<HistoryColumn, Float64Array>;
  }

  /** The last second that was written; null before the first. */
  get newest(): number | null {
    return this.#newest;
  }

  /**
   * Writes a second, which must be later than any before it.
   *
   * @param latencies how many answers fell into each bucket
   */
  write(second: number, sample: SecondSample, latencies: readonly number[]): void {
    if (this.#newest !== null && second <= this.#newest) throw new Error("A second was written twice.");
    this.#clear(this.#newest === null ? second : this.#newest + 1, second);
    const slot = second % historySeconds;
    for (const name of historyColumns) this.#columns[name][slot] = sample[name] ?? Number.NaN;
    this.#latencies.set(latencies.slice(0, this.#bucketCount), slot * this.#bucketCount);
    this.#newest = second;
  }

  /** A copy of all six hours, the oldest second of each column first. It ends with the second `newest`. */
  copy(): Buffer {
    const oldestSlot = ((this.#newest ?? 0) + 1) % historySeconds;
    return Buffer.concat(this.#rings().flatMap((ring) => turn(ring, oldestSlot)));
  }

  /**
   * Takes back what was copied before, as if nothing had been written since. Must come before the first `write`.
   *
   * @param newest the second that the copy ends with
   * @param now the second that is written next; what lies between the two stays unknown
   * @returns false, with nothing taken back, when the copy is of another shape
   */
  restore(copy: Buffer, { newest, now }: { readonly newest: number; readonly now: number }): boolean {
    if (this.#newest !== null) throw new Error("The history was restored over what had been written.");
    const pieces = this.#rings().flatMap((ring) => turn(ring, (newest + 1) % historySeconds));
    if (copy.length !== pieces.reduce((sum, { length }) => sum + length, 0)) return false;
    let start = 0;
    for (const piece of pieces) {
      copy.copy(piece, 0, start);
      start += piece.length;
    }
    this.#clear(Math.min(newest + 1, now), Math.max(newest, now - 1));
    this.#newest = now - 1;
    return true;
  }

  /** The mean of what is known of the `seconds` that end with `end`; null when nothing is. */
  mean(column: HistoryColumn, end: number, seconds: number): number | null {
    const { sum, known } = this.#add(column, end, seconds);
    return known === 0 ? null : sum / known;
  }

  /** The sum of what is known. */
  sum(column: HistoryColumn, end: number, seconds: number): number {
    return this.#add(column, end, seconds).sum;
  }

  /** The greatest figure; null when none is known. */
  max(column: HistoryColumn, end: number, seconds: number): number | null {
    let greatest = Number.NEGATIVE_INFINITY;
    this.#visit(end, seconds, (slot) => {
      const value = this.#columns[column][slot] ?? Number.NaN;
      if (value > greatest) greatest = value;
    });
    return greatest === Number.NEGATIVE_INFINITY ? null : greatest;
  }

  /** The latest figure; null when none is known. */
  last(column: HistoryColumn, end: number, seconds: number): number | null {
    let latest: number | null = null;
    this.#visit(end, seconds, (slot) => {
      const value = this.#columns[column][slot] ?? Number.NaN;
      if (!Number.isNaN(value)) latest = value;
    });
    return latest;
  }

  /** How many answers fell into each bucket, all those seconds together. */
  latencies(end: number, seconds: number): number[] {
    const counts = Array.from({ length: this.#bucketCount }, () => 0);
    this.#visit(end, seconds, (slot) => {
      const start = slot * this.#bucketCount;
      for (let bucket = 0; bucket < this.#bucketCount; bucket += 1)
        counts[bucket] = (counts[bucket] ?? 0) + (this.#latencies[start + bucket] ?? 0);
    });
    return counts;
  }

  #rings(): readonly (Float64Array | Uint32Array)[] {
    return [...historyColumns.map((name) => this.#columns[name]), this.#latencies];
  }

  #add(column: HistoryColumn, end: number, seconds: number): { sum: number; known: number } {
    const values = this.#columns[column];
    let [sum, known] = [0, 0];
    this.#visit(end, seconds, (slot) => {
      const value = values[slot] ?? Number.NaN;
      if (Number.isNaN(value)) return;
      sum += value;
      known += 1;
    });
    return { sum, known };
  }

  /** Visits the slots of those seconds that are still kept, the oldest first. */
  #visit(end: number, seconds: number, look: (slot: number) => void): void {
    if (this.#newest === null) return;
    const last = Math.min(end, this.#newest);
    const first = Math.max(end - seconds + 1, this.#newest - historySeconds + 1, 0);
    for (let second = first; second <= last; second += 1) look(second % historySeconds);
  }

  /** Makes seconds unknown, since their slots hold what was six hours before. */
  #clear(from: number, to: number): void {
    const first = Math.max(from, to - historySeconds + 1);
    for (let second = first; second <= to; second += 1) {
      const slot = second % historySeconds;
      for (const name of historyColumns) this.#columns[name][slot] = Number.NaN;
      this.#latencies.fill(0, slot * this.#bucketCount, (slot + 1) * this.#bucketCount);
    }
  }
}

/** The memory of a ring from the slot of its oldest second on: what comes up to its end, then what is before. */
function turn(ring: Float64Array | Uint32Array, oldestSlot: number): [Buffer, Buffer] {
  const bytes = Buffer.from(ring.buffer);
  const cut = (bytes.length / historySeconds) * oldestSlot;
  return [bytes.subarray(cut), bytes.subarray(0, cut)];
}
