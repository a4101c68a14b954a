import { anonymous } from "../../shared/api/clients.ts";
import { serverNowMs } from "../../shared/clock/server-clock.ts";
import type { SentCode, SignUp } from "../../shared/verification/stored-sign-up.ts";

type CustomerWithVerificationReply = Awaited<ReturnType<typeof anonymous.findCustomer>>;
type VerificationState = CustomerWithVerificationReply["verification"];
type VerifyCustomerReply = Awaited<ReturnType<typeof anonymous.verifyCustomer>>;

/** How long after an SMS the service sends another at the earliest. It has the last word. */
const resendAfterMs = 30_000;

/** Signs a customer up. Sent twice it has one effect, since the sign-up's id is kept. */
export async function sendSignUp(signUp: SignUp): Promise<SentCode> {
  const { request_id, first_name, last_name, email, phone_number } = signUp;
  const customer = { first_name, last_name, email, phone_number };
  const reply = await anonymous.createCustomer({ request_id, customer });
  return codeOfReply(reply, serverNowMs() + resendAfterMs);
}

/** Reads how a code stands, as after a reload. */
export async function readCode({ customer_id, resend_at_ms }: SentCode): Promise<SentCode> {
  return codeOfReply(await anonymous.findCustomer(customer_id), resend_at_ms);
}

/** Has a new code sent, which ends the old one. */
export async function sendNewCode(code: SentCode): Promise<SentCode> {
  const { verification } = await anonymous.resendCode(code.customer_id);
  return { ...code, ...standOf(verification), resend_at_ms: serverNowMs() + resendAfterMs };
}

/**
 * Tries a code. The key is made of the code and of the SMS it came in, so that a second click, or a lost answer, does not
 * use up a second try.
 */
export function tryCode({ customer_id, ends_at_ms }: SentCode, digits: string): Promise<VerifyCustomerReply> {
  const idempotencyKey = `verify ${customer_id} ${ends_at_ms} ${digits}`;
  return anonymous.verifyCustomer(customer_id, { verification_code: digits }, { idempotencyKey });
}

function codeOfReply(
  { customer, verification }: CustomerWithVerificationReply,
  resend_at_ms: number,
): SentCode {
  const { id: customer_id, phone_number } = customer;
  return { customer_id, phone_number, ...standOf(verification), resend_at_ms };
}

function standOf({ status, expires_at, attempts_left }: VerificationState) {
  // One that was used already is of no more use here than one that is too old.
  const end = status === "exhausted" ? status : status === "pending" ? null : ("expired" as const);
  return { ends_at_ms: Date.parse(expires_at), attempts_left, end };
}
