import type {
  CustomerWithVerificationReply,
  VerificationState,
  VerifyCustomerReply,
} from "../contract/customers.ts";
import type { CustomerView } from "../domain/customer.ts";
import { attemptsLeftOf, statusOfVerification, type Verification } from "../domain/verification.ts";
import type { AttemptReport } from "../features/customers/verify-customer.ts";
import { presentInstant } from "./present.ts";

/** A customer as clients see them. */
export function presentCustomer({ customer, ...view }: CustomerView): CustomerWithVerificationReply {
  return {
    customer: {
      id: customer.id,
      first_name: customer.firstName,
      last_name: customer.lastName,
      email: customer.email,
      phone_number: customer.phoneNumber,
      created_at: presentInstant(customer.createdAtMs),
    },
    verification: presentVerification(view),
  };
}

/** How a verification stands. @param view.nowMs database time, for the status */
export function presentVerification({
  verification,
  nowMs,
}: {
  readonly verification: Verification;
  readonly nowMs: number;
}): VerificationState {
  return {
    status: statusOfVerification(verification, nowMs),
    expires_at: presentInstant(verification.expiresAtMs),
    attempts_left: attemptsLeftOf(verification),
  };
}

/** What came of an attempt, with the token if it was right. */
export function presentAttempt({ result, attemptsLeft, access }: AttemptReport): VerifyCustomerReply {
  return {
    result,
    attempts_left: attemptsLeft,
    ...(access !== null && {
      buyer_token: access.token,
      user_id: access.userId,
      expires_at: presentInstant(access.expiresAtMs),
    }),
  };
}
