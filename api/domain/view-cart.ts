import { type Cart, type CartItem, type CartView, statusOfItem } from "./cart.ts";
import type { Order } from "./order.ts";
import type { Reservation } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

/** An item whose tickets are held, with the hold. */
export interface HeldItem {
  readonly item: CartItem;
  readonly hold: Reservation;
}

/** What a cart's view is made from. */
interface CartLook {
  readonly cart: Cart;
  /** At least those of its items, by their ids. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Its last order; null when it has none. */
  readonly order: Pick<Order, "status"> | null;
  /** How often the event with that id lets a hold be extended. Asked for the events of held items only. */
  readonly maxExtensionsOf: (eventId: string) => number;
  /** Database time of the look. */
  readonly nowMs: number;
}

/** Puts together how a cart stands, from what was read of it. */
export function viewCart({ cart, reservations, order, maxExtensionsOf, nowMs }: CartLook): CartView {
  const ofItems = new Map<string, Reservation>();
  for (const { reservationId } of cart.items) {
    const reservation = reservations.get(reservationId);
    if (reservation !== undefined) ofItems.set(reservationId, reservation);
  }
  const limits = cart.items
    .filter(({ reservationId }) => statusOfItem(ofItems.get(reservationId), nowMs) === "held")
    .map(({ eventId }) => maxExtensionsOf(eventId));
  const extensionsLeft = countExtensionsLeft(cart, limits);
  return { cart, reservations: ofItems, orderStatus: order?.status ?? null, extensionsLeft, nowMs };
}

/**
 * How often a cart's deadline may still be moved: the event that allows the fewest extensions decides for all.
 *
 * @param limits of the events of the held items. Without a held item there is nothing to extend
 */
export function countExtensionsLeft(cart: Cart, limits: readonly number[]): number {
  return limits.length === 0 ? 0 : Math.max(0, Math.min(...limits) - cart.extensions);
}

/** The same, from the books of a transaction. */
export function viewInBooks(books: StockBooks, cart: Cart): CartView {
  const reservations = new Map<string, Reservation>();
  for (const { reservationId } of cart.items) {
    const reservation = books.reservation(reservationId);
    if (reservation !== undefined) reservations.set(reservationId, reservation);
  }
  const order = books.sales.lastOrderOf(cart);
  const maxExtensionsOf = (eventId: string) =>
    books.event(eventId)?.maxExtensions ?? books.sales.maxExtensions(eventId);
  return viewCart({ cart, reservations, order, maxExtensionsOf, nowMs: books.nowMs });
}

/** The items whose tickets are held and whose deadline has not passed, of a cart or of an order. */
export function heldItems(books: StockBooks, { items }: { readonly items: readonly CartItem[] }): HeldItem[] {
  return items.flatMap((item) => {
    const hold = books.reservation(item.reservationId);
    return hold !== undefined && statusOfItem(hold, books.nowMs) === "held" ? [{ item, hold }] : [];
  });
}
