import { inTimeMs, type Tally } from "./open-load-messages.ts";

/** Latencies in buckets that grow by a twentieth each: small enough for one counter per part of a phase. */
class CoarseHistogram {
  readonly #buckets = new Uint32Array(bucketCount);
  #count = 0;
  maxMs = 0;

  record(ms: number): void {
    const index = Math.ceil(Math.log(Math.max(ms, leastMs) / leastMs) / logStep);
    const bucket = Math.min(index, bucketCount - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** @returns the upper edge of the bucket in ms; 0 when nothing was recorded */
  percentileMs(share: number): number {
    const rank = Math.ceil(this.#count * share);
    if (rank === 0) return 0;
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket += 1) {
      seen += this.#buckets[bucket] ?? 0;
      if (seen >= rank) return Math.min(leastMs * Math.exp(bucket * logStep), this.maxMs);
    }
    return this.maxMs;
  }
}

const leastMs = 0.1;
const logStep = Math.log(1.05);
const bucketCount = 256;

/** What an answer was given to. */
export type Asked = "hold" | "confirm";

/** Counts what becomes of the requests that arrive in one phase, or in a part of one. */
export class TallyCounter {
  readonly #goal: Asked;
  readonly #accepted = new CoarseHistogram();
  readonly #refused = new CoarseHistogram();
  offered = 0;
  noConnection = 0;
  givenUp = 0;
  resets = 0;
  #held = 0;
  #confirmed = 0;
  #good = 0;
  #holdsRefused = 0;
  #confirmsRefused = 0;
  #withoutRetryAfter = 0;
  #otherAnswers = 0;

  /** @param goal what the load is about: only these are good */
  constructor(goal: Asked) {
    this.#goal = goal;
  }

  /** @param ms from the moment of arrival to the answer @param saysWhen whether it has Retry-After */
  answer(asked: Asked, status: number, ms: number, saysWhen: boolean): void {
    if (status === (asked === "hold" ? 201 : 200)) {
      if (asked === "hold") this.#held += 1;
      else this.#confirmed += 1;
      if (asked === this.#goal && ms <= inTimeMs) this.#good += 1;
      this.#accepted.record(ms);
    } else if (status === 503) {
      if (asked === "hold") this.#holdsRefused += 1;
      else this.#confirmsRefused += 1;
      if (!saysWhen) this.#withoutRetryAfter += 1;
      this.#refused.record(ms);
    } else {
      this.#otherAnswers += 1;
    }
  }

  read(): Tally {
    return {
      offered: this.offered,
      noConnection: this.noConnection,
      held: this.#held,
      confirmed: this.#confirmed,
      good: this.#good,
      holdsRefused: this.#holdsRefused,
      confirmsRefused: this.#confirmsRefused,
      withoutRetryAfter: this.#withoutRetryAfter,
      otherAnswers: this.#otherAnswers,
      givenUp: this.givenUp,
      resets: this.resets,
      p50Ms: this.#accepted.percentileMs(0.5),
      p99Ms: this.#accepted.percentileMs(0.99),
      maxMs: this.#accepted.maxMs,
      refusalP50Ms: this.#refused.percentileMs(0.5),
      refusalP99Ms: this.#refused.percentileMs(0.99),
    };
  }
}
