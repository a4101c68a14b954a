import type { CustomerView } from "../../domain/customer.ts";
import { waitForNextCode } from "../../domain/verification.ts";
import { makeId } from "../../kernel/ids.ts";
import {
  insertCustomers,
  lockPhones,
  type NewSignUp,
  selectSignUp,
  type SignUpRow,
} from "../../store/customers.ts";
import type { Database } from "../../store/open-database.ts";
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

type SignUpRefusal = CodesLimited | { readonly kind: "idempotency_mismatch" };

/** What one sign-up comes to. A refusal, and a sign-up that is repeated, have written nothing. */
export type BegunSignUp = { readonly kind: "signed_up"; readonly view: CustomerView } | SignUpRefusal;

/**
 * Makes customers, begins the verification of their phones, and adds the jobs that send the codes. What is done is the
 * same whether or not a phone belongs to an account.
 *
 * @param signUps each with a phone of its own
 * @returns what came of each, in the same order
 */
export async function beginSignUps(
  { verification: terms, jobStatements }: VerificationContext,
  transaction: Database,
  signUps: readonly SignUp[],
): Promise<BegunSignUp[]> {
  const news = signUps.map((signUp) => ({
    customer: { id: makeId(), ...signUp },
    verification: drawVerification(terms),
  }));
  await lockPhones(
    transaction,
    signUps.map(({ phoneNumber }) => phoneNumber),
  );
  const rows = await insertCustomers(transaction, news);
  const results: BegunSignUp[] = [];
  const jobs = [];
  for (const [index, each] of news.entries()) {
    const row = rows[index];
    const view = row === undefined ? null : viewOf(each, row);
    if (view !== null) jobs.push(sendCodeJob(each.verification.id));
    results.push(view === null ? await lookBack(transaction, each, row) : { kind: "signed_up", view });
  }
  await jobStatements.enqueue(transaction, jobs);
  return results;
}

/** The customer that was written down; null when none was. */
function viewOf(
  { customer, verification }: NewSignUp,
  { nowMs, expiresAtMs }: SignUpRow,
): CustomerView | null {
  if (expiresAtMs === null) return null;
  return {
    customer: { ...customer, createdAtMs: nowMs, verifiedAtMs: null, accountId: null },
    verification: {
      id: verification.id,
      status: "pending",
      wrongAttemptsAtMs: [],
      attemptsMax: verification.attemptsMax,
      createdAtMs: nowMs,
      expiresAtMs,
    },
    nowMs,
  };
}

/** Tells a sign-up that is repeated from one that is too much. */
async function lookBack(
  transaction: Database,
  { customer: { requestDigest, bodyDigest } }: NewSignUp,
  row: SignUpRow | undefined,
): Promise<BegunSignUp> {
  const earlier = await selectSignUp(transaction, requestDigest);
  if (earlier !== null)
    return earlier.bodyDigest === bodyDigest
      ? { kind: "signed_up", view: earlier }
      : { kind: "idempotency_mismatch" };
  const { phoneAtMs = [], nowMs = 0 } = row ?? {};
  return { kind: "codes_limited", waitMs: waitForNextCode({ customerAtMs: null, phoneAtMs }, nowMs) };
}
