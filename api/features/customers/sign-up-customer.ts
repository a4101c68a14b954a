import type { CustomerView } from "../../domain/customer.ts";
import { waitForNextCode } from "../../domain/verification.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeId } from "../../kernel/ids.ts";
import { insertCustomer, lockPhone, type NewCustomer, selectSignUp } from "../../store/customers.ts";
import type { Database } from "../../store/open-database.ts";
import { type Effect, runOrRefuse } from "./run-or-refuse.ts";
import {
  type CodesLimited,
  drawVerification,
  sendCodeJob,
  type VerificationContext,
} from "./verification-context.ts";

export interface SignUp {
  /** Of the caller and the request id. */
  readonly requestDigest: string;
  /** Of what is asked for under it. */
  readonly bodyDigest: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** In E.164. */
  readonly phoneNumber: string;
}

export type SignUpOutcome = IdempotentOutcome | CodesLimited;

type SignUpEffect = Effect<CodesLimited | { readonly kind: "idempotency_mismatch" }>;

/**
 * Makes a customer, begins the verification of their phone, and has its code sent. What is done and answered is the same
 * whether or not the phone belongs to an account. A sign-up that is repeated makes nothing and sends nothing.
 *
 * @param render turns the customer into the reply that is kept under the request's idempotency key
 */
export function signUpCustomer(
  context: VerificationContext,
  signUp: SignUp,
  claim: IdempotencyClaim | null,
  render: (view: CustomerView) => RecordedReply,
): Promise<SignUpOutcome> {
  const turn = { turns: context.verification.turns, key: signUp.phoneNumber };
  return runOrRefuse(context.database, turn, claim, (transaction) =>
    begin(context, transaction, signUp, render),
  );
}

async function begin(
  { verification: terms, jobStatements }: VerificationContext,
  transaction: Database,
  signUp: SignUp,
  render: (view: CustomerView) => RecordedReply,
): Promise<SignUpEffect> {
  const customer: NewCustomer = { id: makeId(), ...signUp };
  const verification = drawVerification(terms);
  await lockPhone(transaction, signUp.phoneNumber);
  const row = await insertCustomer(transaction, customer, verification);
  if (row.expiresAtMs === null) return lookBack(transaction, signUp, row, render);
  await jobStatements.enqueue(transaction, [sendCodeJob(verification.id)]);
  const view = {
    customer: { ...customer, createdAtMs: row.nowMs, verifiedAtMs: null, accountId: null },
    verification: {
      id: verification.id,
      status: "pending" as const,
      wrongAttemptsAtMs: [],
      attemptsMax: verification.attemptsMax,
      createdAtMs: row.nowMs,
      expiresAtMs: row.expiresAtMs,
    },
    nowMs: row.nowMs,
  };
  return { kind: "reply", reply: render(view) };
}

/** Tells a sign-up that is repeated from one that is too much. */
async function lookBack(
  transaction: Database,
  { requestDigest, bodyDigest }: SignUp,
  { phoneAtMs, nowMs }: { readonly phoneAtMs: readonly number[]; readonly nowMs: number },
  render: (view: CustomerView) => RecordedReply,
): Promise<SignUpEffect> {
  const earlier = await selectSignUp(transaction, requestDigest);
  if (earlier === null) {
    const waitMs = waitForNextCode({ customerAtMs: null, phoneAtMs }, nowMs);
    return { kind: "refusal", refusal: { kind: "codes_limited", waitMs } };
  }
  if (earlier.bodyDigest !== bodyDigest)
    return { kind: "refusal", refusal: { kind: "idempotency_mismatch" } };
  return { kind: "reply", reply: render(earlier) };
}
