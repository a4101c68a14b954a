import { storedAttempt } from "../checkout/stored-attempt.ts";
import { useStored } from "../storage/stored-value.ts";
import { countdownEndOf } from "./judge-cart.ts";
import { useCart } from "./use-cart.ts";

/**
 * Until when the countdown runs, in milliseconds since 1970. Null when nothing is held, and from the moment on when a
 * payment was sent: whether the deadline still counts is not known until the shop has answered.
 */
export function useHoldEnd(): number | null {
  const cart = useCart();
  const attempt = useStored(storedAttempt);
  return attempt === null && cart.kind === "known" ? countdownEndOf(cart.cart) : null;
}
