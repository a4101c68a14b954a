import type { CartItem } from "./cart.ts";
import type { Event } from "./event.ts";
import type { Order } from "./order.ts";
import { refuseDuplicate } from "./refuse-duplicate.ts";
import { refuseShortage } from "./refuse-shortage.ts";
import { isOverdue, type MakeReservationId, newHold, type Reservation } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

// What happens when a payment takes longer than the hold. While it is under way the tickets are kept, until the grace
// is over at the latest. A payment that succeeds after that buys the tickets again if they are still free, and all of
// them; otherwise all of the money goes back. Whether sales are paused or over by then does not matter: the buyer began
// in time.

/** Until when the tickets of an order are kept: the grace never takes time away from the cart. */
export function holdUntilMs(cartExpiresAtMs: number, nowMs: number, graceMs: number): number {
  return Math.max(cartExpiresAtMs, nowMs + graceMs);
}

/** An item of a paid order that can be sold. */
export interface ClaimedItem {
  readonly item: CartItem;
  readonly event: Event;
  /** The hold that still has its tickets. Null when they are free and have to be taken again. */
  readonly hold: Reservation | null;
}

/**
 * Finds the tickets of a paid order, changing nothing except that overdue holds end.
 *
 * @param events of its items, by their ids
 * @returns every item with its tickets; null when one of them has none any more
 */
export function claimTickets(
  books: StockBooks,
  order: Order,
  events: ReadonlyMap<string, Event>,
): ClaimedItem[] | null {
  const claimed: ClaimedItem[] = [];
  for (const item of order.items) {
    const event = events.get(item.eventId);
    const own = books.reservation(item.reservationId);
    if (event === undefined) return null;
    if (own?.status === "held" && !isOverdue(own, books.nowMs)) claimed.push({ item, event, hold: own });
    else if (isFree(books, order, item, event, own?.verifiedPhone ?? null))
      claimed.push({ item, event, hold: null });
    else return null;
  }
  return claimed;
}

/** Sells what was claimed. @returns the items with the reservations that they now have */
export function sellClaimed(
  books: StockBooks,
  order: Order,
  claimed: readonly ClaimedItem[],
  makeId: MakeReservationId,
): CartItem[] {
  return claimed.map(({ item, event, hold }) => {
    const kept = hold ?? takeAgain(books, order, item, event, makeId);
    books.confirm(kept);
    return { ...item, reservationId: kept.id };
  });
}

function isFree(
  books: StockBooks,
  { userId }: Order,
  item: CartItem,
  event: Event,
  verifiedPhone: string | null,
): boolean {
  const refusal =
    refuseDuplicate(books, event.id, { userId, verifiedPhone }) ??
    refuseShortage(books, event, item.quantity);
  return refusal === null;
}

function takeAgain(
  books: StockBooks,
  { userId, cartId }: Order,
  { quantity, reservationId }: CartItem,
  event: Event,
  makeId: MakeReservationId,
): Reservation {
  const { nowMs } = books;
  const id = makeId(event.number, nowMs);
  const expiresAtMs = nowMs + event.holdSeconds * 1000;
  const hold = newHold({
    id,
    eventId: event.id,
    userId,
    quantity,
    expiresAtMs,
    createdAtMs: nowMs,
    cartId,
    verifiedPhone: books.reservation(reservationId)?.verifiedPhone ?? null,
  });
  books.hold(event, hold);
  return hold;
}
