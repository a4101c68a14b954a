import type { CartRefusal as DecidedRefusal } from "../domain/commands.ts";
import { presentInstant } from "./present.ts";
import { problemReply } from "./problem-reply.ts";
import type { Reply } from "./reply.ts";

/** Why a cart or an order could not be changed, and why a reservation could not because of its cart. */
export type CartRefusal = DecidedRefusal | { readonly kind: "reservation_in_cart"; readonly cartId: string };

const kinds: Readonly<Record<CartRefusal["kind"], true>> = {
  reservation_in_cart: true,
  cart_not_found: true,
  cart_ordered: true,
  checkout_in_progress: true,
  cart_empty: true,
  cart_expired: true,
  cart_outdated: true,
  provider_not_available: true,
  cart_full: true,
  currency_mismatch: true,
  cart_extension_limit: true,
  order_not_found: true,
  order_not_paid: true,
};

/** Tells these refusals from all other outcomes. */
export function isCartRefusal<Outcome extends { readonly kind: string }>(
  outcome: Outcome,
): outcome is Extract<Outcome, CartRefusal> {
  return Object.hasOwn(kinds, outcome.kind);
}

/** The answer that tells of such a refusal. */
export function cartRefusalReply(refusal: CartRefusal, requestId: string): Reply {
  switch (refusal.kind) {
    case "cart_not_found":
    case "cart_empty":
    case "order_not_found":
    case "provider_not_available":
      return problemReply(refusal.kind, requestId);
    case "reservation_in_cart":
      return problemReply("reservation_in_cart", requestId, { members: { cart_id: refusal.cartId } });
    case "cart_ordered":
    case "checkout_in_progress":
      return problemReply(refusal.kind, requestId, { members: { order_id: refusal.orderId } });
    case "cart_expired":
      return problemReply("cart_expired", requestId, {
        detail: `The cart expired at ${presentInstant(refusal.expiredAtMs)}. Nothing was charged.`,
      });
    case "cart_full":
      return problemReply("cart_full", requestId, {
        detail: `A cart can have ${refusal.itemsMax} items at most.`,
      });
    case "currency_mismatch":
      return problemReply("currency_mismatch", requestId, {
        detail: `The cart is paid in ${refusal.currency}.`,
        members: { currency: refusal.currency },
      });
    case "cart_extension_limit":
      return problemReply("extension_limit", requestId, {
        detail: "The deadline of this cart cannot be moved again.",
      });
    case "order_not_paid":
      return problemReply("order_not_paid", requestId, {
        detail: `The order is ${refusal.status}.`,
        members: { order_status: refusal.status },
      });
    case "cart_outdated":
      throw new Error("Whoever asked has to look at the cart again; that is no answer to a client.");
  }
}
