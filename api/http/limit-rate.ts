import type { Request } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "./caller.ts";
import { RequestProblem } from "./problem-reply.ts";

/** How many requests one client may make in `windowSeconds`. */
export interface RateLimits {
  /** For each address, without a key or token. */
  readonly anonymousMax: number;
  /** For each user with a buyer token. */
  readonly buyerMax: number;
}

const windowSeconds = 10;

/** Counts requests of strangers by address and of buyers by user. The shop's own keys are not limited. */
export class RateLimiter {
  readonly #anonymous: RateLimiterMemory;
  readonly #buyers: RateLimiterMemory;

  constructor(limits: RateLimits) {
    this.#anonymous = new RateLimiterMemory({ points: limits.anonymousMax, duration: windowSeconds });
    this.#buyers = new RateLimiterMemory({ points: limits.buyerMax, duration: windowSeconds });
  }

  /**
   * Counts one request.
   *
   * @returns the headers that tell the client where it stands, null for a caller without a limit
   * @throws RequestProblem `rate_limited` when the client has used up its window
   */
  count(request: Request, caller: Caller): Promise<readonly string[]> | null {
    switch (caller.kind) {
      case "key":
        return null;
      case "buyer":
        return consume(this.#buyers, "buyer", caller.userId);
      case "anonymous":
        return consume(this.#anonymous, "anonymous", request.ip ?? "unknown");
    }
  }
}

async function consume(
  limiter: RateLimiterMemory,
  policy: string,
  client: string,
): Promise<readonly string[]> {
  try {
    return headersOf(limiter, policy, await limiter.consume(client));
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new RequestProblem("rate_limited", {
      detail: `At most ${limiter.points} requests in ${windowSeconds} seconds.`,
      retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
      headers: headersOf(limiter, policy, refusal),
    });
  }
}

/** The fields of the IETF's RateLimit header draft: the quota and its window, what is left, and when it renews. */
function headersOf(limiter: RateLimiterMemory, policy: string, state: RateLimiterRes): string[] {
  const renewsInSeconds = Math.ceil(state.msBeforeNext / 1000);
  return [
    "RateLimit-Policy",
    `"${policy}";q=${limiter.points};w=${windowSeconds}`,
    "RateLimit",
    `"${policy}";r=${state.remainingPoints};t=${renewsInSeconds}`,
  ];
}
