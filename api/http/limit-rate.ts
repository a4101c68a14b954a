import type { Request } from "express";
import type { Caller } from "./caller.ts";
import { RequestProblem } from "./problem-reply.ts";
import {
  limitOf,
  type QuotaPolicy,
  type QuotaSource,
  type QuotaUse,
  type RateLimits,
  windowSecondsOf,
} from "./quotas/quota-source.ts";

/** Counts requests of strangers by address and of buyers by user. The shop's own keys are not limited. */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #quotas: QuotaSource;

  /** @param quotas counts by the same limits */
  constructor(limits: RateLimits, quotas: QuotaSource) {
    this.#limits = limits;
    this.#quotas = quotas;
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
        return this.#consume("buyer", caller.userId);
      case "anonymous":
        return this.#consume("anonymous", request.ip ?? "unknown");
    }
  }

  /**
   * Counts one request that sends an SMS.
   *
   * @throws RequestProblem `rate_limited` when the address has had as many as it may
   */
  async countSignUp(address: string): Promise<void> {
    await this.#consume("signup", address);
  }

  async #consume(policy: QuotaPolicy, client: string): Promise<readonly string[]> {
    const limit = limitOf(this.#limits, policy);
    const use = await this.#quotas.consume(policy, client);
    if (!use.refused) return headersOf(policy, limit, use);
    throw new RequestProblem("rate_limited", {
      detail: `At most ${limit} requests in ${windowSecondsOf(policy)} seconds.`,
      retryAfterSeconds: Math.max(1, Math.ceil(use.resetMs / 1000)),
      headers: headersOf(policy, limit, use),
    });
  }
}

/** The fields of the IETF's RateLimit header draft: the quota and its window, what is left, and when it renews. */
function headersOf(policy: QuotaPolicy, limit: number, { remaining, resetMs }: QuotaUse): string[] {
  return [
    "RateLimit-Policy",
    `"${policy}";q=${limit};w=${windowSecondsOf(policy)}`,
    "RateLimit",
    `"${policy}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
  ];
}
