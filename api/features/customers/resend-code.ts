import { type Verification, waitForNextCode } from "../../domain/verification.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { lockCustomer, lockPhone } from "../../store/customers.ts";
import type { Database } from "../../store/open-database.ts";
import { replaceVerification, selectCodeTimes, selectVerifications } from "../../store/verifications.ts";
import { type CustomerCaller, mayActFor } from "./may-act-for.ts";
import { type Effect, runOrRefuse } from "./run-or-refuse.ts";
import {
  type CodesLimited,
  drawVerification,
  sendCodeJob,
  type VerificationContext,
} from "./verification-context.ts";
import type { CustomerNotFound } from "./verify-customer.ts";

/** The verification that a new code began. */
export interface NewCode {
  readonly verification: Verification;
  readonly nowMs: number;
}

type Refusal = CodesLimited | CustomerNotFound;

/**
 * Ends a customer's code, whatever became of it, and has a new one sent, unless too many were.
 *
 * @param render turns the new verification into the reply that is kept under the request's idempotency key
 */
export function resendCode(
  context: VerificationContext,
  { customerId, caller }: { readonly customerId: string; readonly caller: CustomerCaller },
  claim: IdempotencyClaim | null,
  render: (code: NewCode) => RecordedReply,
): Promise<IdempotentOutcome | Refusal> {
  const turn = { turns: context.verification.turns, key: customerId };
  return runOrRefuse(context.database, turn, claim, async (transaction): Promise<Effect<Refusal>> => {
    const customer = await lockCustomer(transaction, customerId);
    if (customer === null || !mayActFor(caller, customer))
      return { kind: "refusal", refusal: { kind: "customer_not_found" } };
    const code = await replaceCode(context, transaction, customer);
    if ("kind" in code) return { kind: "refusal", refusal: code };
    return { kind: "reply", reply: render(code) };
  });
}

async function replaceCode(
  { verification: terms, jobStatements }: VerificationContext,
  transaction: Database,
  customer: { readonly id: string; readonly phoneNumber: string },
): Promise<NewCode | CodesLimited> {
  await lockPhone(transaction, customer.phoneNumber);
  const { verifications, nowMs } = await selectVerifications(transaction, customer.id);
  const phoneAtMs = await selectCodeTimes(transaction, customer.phoneNumber);
  const customerAtMs = verifications[0]?.createdAtMs ?? null;
  const waitMs = waitForNextCode({ customerAtMs, phoneAtMs }, nowMs);
  if (waitMs > 0) return { kind: "codes_limited", waitMs };
  const next = drawVerification(terms);
  const verification = await replaceVerification(transaction, { ...customer, nowMs }, next);
  await jobStatements.enqueue(transaction, [sendCodeJob(verification.id)]);
  return { verification, nowMs };
}
