import type { CartItemReply, CartReply } from "@holdfast/client";

/** The items whose tickets are kept for the buyer. @param nowMs the server's time */
export function heldItems(cart: CartReply, nowMs: number): CartItemReply[] {
  const endsAtMs = deadlineOf(cart);
  // While it is being paid, the deadline of the cart does not end its holds.
  const isOver = cart.status !== "paying" && (endsAtMs === null || nowMs >= endsAtMs);
  return isOver ? [] : cart.items.filter(({ status }) => status === "held");
}

/** The items whose tickets are not kept any more. */
export function endedItems(cart: CartReply, nowMs: number): CartItemReply[] {
  const held = heldItems(cart, nowMs);
  return cart.items.filter((item) => item.status !== "sold" && !held.includes(item));
}

/** When the holds end, in milliseconds since 1970; null while there are none. */
export function deadlineOf(cart: CartReply): number | null {
  return cart.expires_at === null ? null : Date.parse(cart.expires_at);
}

/** Until when a countdown runs: null when nothing is held, and while it is being paid, since the deadline waits then. */
export function countdownEndOf(cart: CartReply): number | null {
  const holds = cart.status === "open" && cart.items.some(({ status }) => status === "held");
  return holds ? deadlineOf(cart) : null;
}

export function countTickets(items: readonly { readonly quantity: number }[]): number {
  return items.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** What items cost together, in hundredths of the currency. */
export function totalCents(
  items: readonly { readonly quantity: number; readonly price_cents: number }[],
): number {
  return items.reduce((sum, { quantity, price_cents }) => sum + quantity * price_cents, 0);
}
