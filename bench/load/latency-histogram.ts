const bucketMs = 0.01;
const bucketCount = 1_000_000;

/** Latencies in buckets of 10 microseconds, up to 10 seconds; longer ones count as the last bucket. */
export class LatencyHistogram {
  readonly #buckets = new Uint32Array(bucketCount);
  #count = 0;
  #maxMs = 0;

  record(ms: number): void {
    const bucket = Math.min(Math.trunc(ms / bucketMs), bucketCount - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** @param share 0 to 1 @returns the upper edge of the bucket in ms; 0 when nothing was recorded */
  percentileMs(share: number): number {
    const rank = Math.ceil(this.#count * share);
    if (rank === 0) return 0;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      seen += this.#buckets[bucket] ?? 0;
      if (seen >= rank) return (bucket + 1) * bucketMs;
    }
    return this.#maxMs;
  }
}
