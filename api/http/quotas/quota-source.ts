/** Whom a quota is for: an address without credentials, or a user with a buyer token. */
export type QuotaPolicy = "anonymous" | "buyer";

/** How many requests one client may make in `windowSeconds`. */
export interface RateLimits {
  /** For each address, without a key or token. */
  readonly anonymousMax: number;
  /** For each user with a buyer token. */
  readonly buyerMax: number;
}

export const windowSeconds = 10;

/** Where a client stands after one request. */
export interface QuotaUse {
  readonly remaining: number;
  /** Until the client's window ends and its quota is whole again. */
  readonly resetMs: number;
  /** Whether this request was one too many. */
  readonly refused: boolean;
}

/** Counts requests of clients. Never rejects for a client's fault: a refusal is an answer. */
export interface QuotaSource {
  consume(policy: QuotaPolicy, client: string): Promise<QuotaUse>;
}

/** The most requests that a policy allows a client in one window. */
export function limitOf(limits: RateLimits, policy: QuotaPolicy): number {
  return policy === "buyer" ? limits.buyerMax : limits.anonymousMax;
}
