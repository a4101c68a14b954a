import type { OrderReply } from "@holdfast/client";
import { buyer } from "../../shared/api/clients.ts";
import { codeOf, isRefusal, orderIdOf } from "../../shared/api/explain-problem.ts";
import type { CheckoutAttempt } from "../../shared/checkout/stored-attempt.ts";
import { endSession } from "../../shared/session/session.ts";

const pauseMs = 3_000;

/** What came of a checkout: an order, however it stands; the cart's order that was begun elsewhere; or a refusal. */
export type AttemptEnd =
  | { readonly kind: "order"; readonly order: OrderReply }
  | { readonly kind: "other_order"; readonly orderId: string }
  | { readonly kind: "refused"; readonly error: unknown };

/**
 * Sends a checkout until it is known what came of it. It is always the same request under the same key, so that it is
 * paid once at most, however often it is sent.
 *
 * @param onSilence told each time when no answer came that settles it
 * @returns null when the signal was aborted
 */
export async function sendAttempt(
  { cart_id, key, email, token }: CheckoutAttempt,
  onSilence: (error: unknown) => void,
  signal: AbortSignal,
): Promise<AttemptEnd | null> {
  const body = { email, payment: { provider: "demo" as const, token } };
  while (!signal.aborted) {
    try {
      const order = await buyer.checkOutCart(cart_id, body, { idempotencyKey: key, signal });
      return { kind: "order", order };
    } catch (error) {
      if (signal.aborted) return null;
      const end = endOf(error);
      if (end !== null) return end;
      onSilence(error);
      await pause(pauseMs, signal);
    }
  }
  return null;
}

/** What an error ends; null when asking again may bring another answer. */
function endOf(error: unknown): AttemptEnd | null {
  const code = codeOf(error);
  const orderId = orderIdOf(error);
  if (orderId !== null) return { kind: "other_order", orderId };
  if (code === "unauthorized") endSession();
  const passes = code === "idempotency_in_progress" || code === "rate_limited" || code === "request_timeout";
  return isRefusal(error) && !passes ? { kind: "refused", error } : null;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
