/** Whoever has waited for an answer for so long is stuck, and keeps nobody else from asking. */
const stuckMs = 2_000;
const bucketMs = 250;

/** A place among the requests without an answer; it is given back once. */
export interface AttemptSlot {
  readonly bucket: number;
}

/**
 * How many requests may be without an answer at once. What a network has swallowed does not count against new ones:
 * other clients would come all the same. But there is an end to that as well.
 */
export class AttemptSlots {
  readonly #freshMax: number;
  readonly #max: number;
  /** How many there are of each quarter of a second. */
  readonly #buckets = new Map<number, number>();
  #taken = 0;
  #waiting: ((slot: AttemptSlot) => void)[] = [];

  /**
   * @param freshMax of those that were sent in the last 2 s
   * @param max of all
   */
  constructor(freshMax: number, max: number) {
    this.#freshMax = freshMax;
    this.#max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether nothing new should be begun now. */
  get isFull(): boolean {
    return this.#taken >= this.#max || this.#countFresh() >= this.#freshMax;
  }

  /** Waits for a place, if there is none at all. There is an end to that: every attempt has a limit. */
  take(): Promise<AttemptSlot> {
    // Whoever leaves hands its place on.
    if (this.#taken >= this.#max) return new Promise((go) => this.#waiting.push(go));
    this.#taken += 1;
    return Promise.resolve(this.#enter());
  }

  leave({ bucket }: AttemptSlot): void {
    const left = (this.#buckets.get(bucket) ?? 1) - 1;
    if (left === 0) this.#buckets.delete(bucket);
    else this.#buckets.set(bucket, left);
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next(this.#enter());
  }

  #enter(): AttemptSlot {
    const bucket = currentBucket();
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    return { bucket };
  }

  #countFresh(): number {
    const oldest = currentBucket() - stuckMs / bucketMs;
    let count = 0;
    for (const [bucket, each] of this.#buckets) if (bucket > oldest) count += each;
    return count;
  }
}

function currentBucket(): number {
  return Math.floor(performance.now() / bucketMs);
}
