import { storedAttempt } from "../../shared/checkout/stored-attempt.ts";
import { makeId } from "../../shared/storage/make-id.ts";
import type { CheckoutDraft } from "./draft.ts";
import { setPaymentState } from "./payment-state.ts";

/** Stores what is to be paid under a key of its own; what is stored is sent. Does nothing while a payment is under way. */
export function beginPayment(cartId: string, { email, token }: CheckoutDraft): void {
  if (storedAttempt.read() !== null) return;
  setPaymentState({ failure: null });
  storedAttempt.write({ cart_id: cartId, key: makeId(), email: email.trim(), token });
}
