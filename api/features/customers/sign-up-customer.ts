import type { CustomerView } from "../../domain/customer.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { LineTooLongError } from "../../kernel/take-turns.ts";
import { type BegunSignUp, beginSignUps, type SignUp } from "./begin-sign-ups.ts";
import { type Effect, runOrRefuse } from "./run-or-refuse.ts";
import type { SharedSignUps } from "./share-sign-ups.ts";
import type { CodesLimited, VerificationContext } from "./verification-context.ts";

export interface SignUpContext extends VerificationContext {
  readonly sharedSignUps: SharedSignUps;
}

type Refusal = Exclude<BegunSignUp, { kind: "signed_up" }>;

/**
 * Signs a customer up, once for each request id. Without an idempotency key a sign-up shares its transaction with others
 * that come at the same time.
 *
 * @param render turns the customer into the reply, which is kept under the request's idempotency key
 */
export async function signUpCustomer(
  context: SignUpContext,
  signUp: SignUp,
  claim: IdempotencyClaim | null,
  render: (view: CustomerView) => RecordedReply,
): Promise<IdempotentOutcome | CodesLimited> {
  const turn = { turns: context.verification.turns, key: signUp.phoneNumber };
  if (claim === null) return signUpWithOthers(context, signUp, render);
  return runOrRefuse(context.database, turn, claim, async (transaction): Promise<Effect<Refusal>> => {
    const [begun] = await beginSignUps(context, transaction, [signUp]);
    if (begun === undefined) throw new Error("A sign-up came to nothing.");
    if (begun.kind !== "signed_up") return { kind: "refusal", refusal: begun };
    return { kind: "reply", reply: render(begun.view) };
  });
}

async function signUpWithOthers(
  { sharedSignUps }: SignUpContext,
  signUp: SignUp,
  render: (view: CustomerView) => RecordedReply,
): Promise<IdempotentOutcome | CodesLimited> {
  try {
    const begun = await sharedSignUps.begin(signUp);
    if (begun.kind !== "signed_up") return begun;
    return { kind: "recorded", reply: render(begun.view), replayed: false };
  } catch (error) {
    if (error instanceof LineTooLongError) return { kind: "overloaded" };
    throw error;
  }
}
