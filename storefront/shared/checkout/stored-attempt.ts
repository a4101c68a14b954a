import { textOf } from "../storage/read-members.ts";
import { storedValue } from "../storage/stored-value.ts";

/** A checkout that was sent and of which it is not known yet whether it has become an order. */
export interface CheckoutAttempt {
  readonly cart_id: string;
  /** The idempotency key: sent again with it, the request has no second effect. */
  readonly key: string;
  readonly email: string;
  readonly token: string;
}

/** It is stored before it is sent, so that a reload or another tab goes on with it instead of paying twice. */
export const storedAttempt = storedValue<CheckoutAttempt>("holdfast-checkout", (json) => {
  const [cart_id, key] = [textOf(json, "cart_id"), textOf(json, "key")];
  const [email, token] = [textOf(json, "email"), textOf(json, "token")];
  if (cart_id === null || key === null || email === null || token === null) return null;
  return { cart_id, key, email, token };
});

/** Forgets an attempt whose end is known, unless another has taken its place meanwhile. */
export function forgetAttempt(key: string): void {
  if (storedAttempt.read()?.key === key) storedAttempt.write(null);
}
