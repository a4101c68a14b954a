import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import {
  limitOf,
  type QuotaPolicy,
  type QuotaSource,
  type QuotaUse,
  type RateLimits,
  windowSecondsOf,
} from "./quota-source.ts";

/** Counts in this process's memory. A client is forgotten when its window ends, so memory follows the request rate. */
export class LocalQuotas implements QuotaSource {
  readonly #limiters: Readonly<Record<QuotaPolicy, RateLimiterMemory>>;

  constructor(limits: RateLimits) {
    const open = (policy: QuotaPolicy) =>
      new RateLimiterMemory({ points: limitOf(limits, policy), duration: windowSecondsOf(policy) });
    this.#limiters = { anonymous: open("anonymous"), buyer: open("buyer"), signup: open("signup") };
  }

  async consume(policy: QuotaPolicy, client: string): Promise<QuotaUse> {
    try {
      return asUse(await this.#limiters[policy].consume(client), false);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return asUse(refusal, true);
    }
  }

  /** How many clients are remembered at the moment. */
  get clients(): number {
    return Object.values(this.#limiters).reduce((sum, limiter) => sum + limiter.dump().storage.length, 0);
  }
}

function asUse({ remainingPoints, msBeforeNext }: RateLimiterRes, refused: boolean): QuotaUse {
  return { remaining: remainingPoints, resetMs: Math.max(0, msBeforeNext), refused };
}
