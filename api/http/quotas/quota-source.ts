/**
 * Whom a quota is for: an address without credentials, a user with a buyer token, or an address that signs up or asks for
 * codes, whatever it has shown.
 */
export type QuotaPolicy = "anonymous" | "buyer" | "signup";

/** How many requests one client may make in the window of each policy. */
export interface RateLimits {
  /** For each address, without a key or token. */
  readonly anonymousMax: number;
  /** For each user with a buyer token. */
  readonly buyerMax: number;
  /** For each address, of those that send an SMS. */
  readonly signupMax: number;
}

const windowsSeconds: Readonly<Record<QuotaPolicy, number>> = { anonymous: 10, buyer: 10, signup: 600 };

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
  switch (policy) {
    case "anonymous":
      return limits.anonymousMax;
    case "buyer":
      return limits.buyerMax;
    case "signup":
      return limits.signupMax;
  }
}

/** How long a policy's window is, in seconds. */
export function windowSecondsOf(policy: QuotaPolicy): number {
  return windowsSeconds[policy];
}
