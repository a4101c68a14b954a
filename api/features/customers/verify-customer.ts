import {
  attemptsLeftOf,
  type AttemptResult,
  decideAttempt,
  type GuessMatch,
} from "../../domain/verification.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { lockCustomer, lockPhone, markVerified } from "../../store/customers.ts";
import type { Database } from "../../store/open-database.ts";
import { type KeptVerification, selectVerifications, updateVerification } from "../../store/verifications.ts";
import { type CustomerCaller, mayActFor } from "./may-act-for.ts";
import { type Effect, runOrRefuse } from "./run-or-refuse.ts";
import type { VerificationCodes } from "./verification-codes.ts";
import type { VerificationContext } from "./verification-context.ts";

interface BuyerToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** What an attempt came to; with the token of the account when the code was right. */
export interface AttemptReport {
  readonly result: AttemptResult;
  readonly attemptsLeft: number;
  readonly access: (BuyerToken & { readonly userId: string }) | null;
}

export interface VerifyContext extends VerificationContext {
  /** Makes the tokens that let a buyer act for one user. */
  readonly buyerTokens: { issue(userId: string): Promise<BuyerToken> };
}

export interface Attempt {
  readonly customerId: string;
  readonly code: string;
  readonly caller: CustomerCaller;
}

export interface CustomerNotFound {
  readonly kind: "customer_not_found";
}

/**
 * Tries a code. Attempts on one customer are judged one after the other, whoever makes them and wherever.
 *
 * @param render turns the report into the reply that is kept under the request's idempotency key
 */
export function verifyCustomer(
  context: VerifyContext,
  attempt: Attempt,
  claim: IdempotencyClaim | null,
  render: (report: AttemptReport) => RecordedReply,
): Promise<IdempotentOutcome | CustomerNotFound> {
  const turn = { turns: context.verification.turns, key: attempt.customerId };
  return runOrRefuse(
    context.database,
    turn,
    claim,
    async (transaction): Promise<Effect<CustomerNotFound>> => {
      const report = await judge(context, transaction, attempt);
      if (report === null) return { kind: "refusal", refusal: { kind: "customer_not_found" } };
      return { kind: "reply", reply: render(report) };
    },
  );
}

async function judge(
  { verification: { codes }, buyerTokens }: VerifyContext,
  transaction: Database,
  { customerId, code, caller }: Attempt,
): Promise<AttemptReport | null> {
  const customer = await lockCustomer(transaction, customerId);
  if (customer === null || !mayActFor(caller, customer)) return null;
  const { verifications, nowMs } = await selectVerifications(transaction, customerId);
  const [newest, ...earlier] = verifications;
  if (newest === undefined) return null;
  const match = matchOf(codes, newest, earlier, code);
  const { result, verification } = decideAttempt(newest, match, nowMs);
  if (verification !== newest) await updateVerification(transaction, verification, nowMs);
  const attemptsLeft = attemptsLeftOf(verification);
  if (result !== "verified") return { result, attemptsLeft, access: null };
  // Of two who verify one phone at once, the second must see the first one's account.
  await lockPhone(transaction, customer.phoneNumber);
  const userId = await markVerified(transaction, customer, nowMs);
  return { result, attemptsLeft, access: { userId, ...(await buyerTokens.issue(userId)) } };
}

/** Compares a code with all of a customer's, whichever it is, so that the time taken does not tell. */
function matchOf(
  codes: VerificationCodes,
  newest: KeptVerification,
  earlier: readonly KeptVerification[],
  code: string,
): GuessMatch {
  const isCurrent = codes.matches(newest, code);
  const matching = earlier.filter((verification) => codes.matches(verification, code));
  if (isCurrent) return "current";
  return matching.length > 0 ? "earlier" : "none";
}
