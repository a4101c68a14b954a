/** Every code's row ends in one of the last three, or stays pending beyond its deadline. */
type VerificationStatus = "pending" | "verified" | "exhausted" | "superseded";

/** One code that was sent to a customer's phone: its attempts, its deadline, and what came of it. */
export interface Verification {
  readonly id: string;
  readonly status: VerificationStatus;
  /** When codes were tried that were not the right one. */
  readonly wrongAttemptsAtMs: readonly number[];
  readonly attemptsMax: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** What an attempt comes to. */
export type AttemptResult = "verified" | "incorrect" | "expired" | "max_attempts_reached";

/** Which code an attempt named: that of the verification, one that it took the place of, or none of the customer's. */
export type GuessMatch = "current" | "earlier" | "none";

export interface AttemptDecision {
  readonly result: AttemptResult;
  /** The verification afterwards; the very same object when the attempt changes nothing. */
  readonly verification: Verification;
}

/** How many wrong codes a verification still bears. */
export function attemptsLeftOf({ attemptsMax, wrongAttemptsAtMs }: Verification): number {
  return attemptsMax - wrongAttemptsAtMs.length;
}

/** How a verification stands. @param nowMs database time */
export function statusOfVerification(
  { status, expiresAtMs }: Verification,
  nowMs: number,
): "pending" | "verified" | "expired" | "exhausted" {
  switch (status) {
    case "pending":
      return nowMs < expiresAtMs ? "pending" : "expired";
    case "superseded":
      return "expired";
    case "verified":
    case "exhausted":
      return status;
  }
}

/**
 * Judges one attempt. What is used up stays so whatever is tried; then come the ends that a verification has without
 * being tried; only after both does the code matter. A code whose place another has taken costs no attempt: whoever
 * types it has read the wrong one of two messages.
 *
 * @param verification the customer's newest, under the customer's lock
 * @param nowMs database time, read under that lock
 */
export function decideAttempt(verification: Verification, match: GuessMatch, nowMs: number): AttemptDecision {
  switch (statusOfVerification(verification, nowMs)) {
    case "exhausted":
      return { result: "max_attempts_reached", verification };
    case "expired":
    case "verified":
      return { result: "expired", verification };
    case "pending":
      return decideGuess(verification, match, nowMs);
  }
}

function decideGuess(verification: Verification, match: GuessMatch, nowMs: number): AttemptDecision {
  switch (match) {
    case "current":
      return { result: "verified", verification: { ...verification, status: "verified" } };
    case "earlier":
      return { result: "expired", verification };
    case "none": {
      const tried = { ...verification, wrongAttemptsAtMs: [...verification.wrongAttemptsAtMs, nowMs] };
      if (attemptsLeftOf(tried) > 0) return { result: "incorrect", verification: tried };
      return { result: "max_attempts_reached", verification: { ...tried, status: "exhausted" } };
    }
  }
}

/** How often codes may be sent. Every SMS costs money, and rings somebody's phone. */
export const sendingLimits = {
  /** Between two codes to one customer. */
  pauseMs: 30_000,
  /** To one phone, whoever asked for them. */
  codesPerPhoneMax: 5,
  windowMs: 3_600_000,
} as const;

/**
 * When another code may be sent.
 *
 * @param codes.customerAtMs when the customer's last code was made; null for a new customer
 * @param codes.phoneAtMs when the phone's last codes were made, newest first, at least `codesPerPhoneMax` of them if there are
 * @param nowMs database time, read under the phone's lock
 * @returns 0 when it may be sent now, otherwise how long to wait, in ms
 */
export function waitForNextCode(
  {
    customerAtMs,
    phoneAtMs,
  }: { readonly customerAtMs: number | null; readonly phoneAtMs: readonly number[] },
  nowMs: number,
): number {
  const { pauseMs, codesPerPhoneMax, windowMs } = sendingLimits;
  const afterPauseMs = customerAtMs === null ? 0 : customerAtMs + pauseMs - nowMs;
  const oldestAtMs = phoneAtMs[codesPerPhoneMax - 1];
  const afterWindowMs = oldestAtMs === undefined ? 0 : oldestAtMs + windowMs - nowMs;
  return Math.max(0, afterPauseMs, afterWindowMs);
}
