import type {
  CancelCommand,
  ChangeEventCommand,
  ConfirmCommand,
  ExpireCommand,
  ExtendCommand,
  HoldCommand,
  Requester,
  SetPausedCommand,
  StockCommand,
  StockOutcome,
} from "./commands.ts";
import { decideExtendCart, decidePutCartItem, decideRemoveCartItem } from "./decide-cart.ts";
import { decideBeginCheckout, decideRefundOrder } from "./decide-order.ts";
import { decideRestock } from "./decide-restock.ts";
import { decideSettleOrder } from "./decide-settlement.ts";
import type { Event } from "./event.ts";
import { forgetFailureOfOldRule, openDueRestocks } from "./open-restock.ts";
import { phoneFor, refuseDuplicate, refuseUnverified } from "./refuse-duplicate.ts";
import { refuseByTerms } from "./refuse-hold.ts";
import { refuseHoarding } from "./refuse-hoarding.ts";
import { refuseShortage } from "./refuse-shortage.ts";
import { isOverdue, type MakeReservationId, newHold, type Reservation } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

export type { MakeReservationId } from "./reservation.ts";

/**
 * Decides one command against the books and enters what it changes there. Every rule about who gets a ticket, and why
 * not, is in this room: those of single reservations in this file, those of carts and orders in their own.
 * Whatever was decided, an event that is left with too little stock has a restock order afterwards.
 * Each decision makes all its checks first; after the first change nothing can be refused.
 *
 * @returns the outcome; expected refusals are outcomes, not errors
 */
export function decideStock(
  books: StockBooks,
  command: StockCommand,
  makeId: MakeReservationId,
): StockOutcome {
  const outcome = decide(books, command, makeId);
  openDueRestocks(books, command, makeId);
  return outcome;
}

function decide(books: StockBooks, command: StockCommand, makeId: MakeReservationId): StockOutcome {
  switch (command.kind) {
    case "hold":
      return decideHold(books, command, makeId);
    case "confirm":
      return decideConfirm(books, command);
    case "extend":
      return decideExtend(books, command);
    case "cancel":
      return decideCancel(books, command);
    case "expire":
      return decideExpire(books, command);
    case "change_event":
      return decideChangeEvent(books, command);
    case "set_paused":
      return decideSetPaused(books, command);
    case "receive_delivery":
    case "close_restock":
    case "reopen_restock":
      return decideRestock(books, command);
    case "put_cart_item":
      return decidePutCartItem(books, command, makeId);
    case "remove_cart_item":
      return decideRemoveCartItem(books, command);
    case "extend_cart":
      return decideExtendCart(books, command);
    case "begin_checkout":
      return decideBeginCheckout(books, command);
    case "settle_order":
      return decideSettleOrder(books, command, makeId);
    case "refund_order":
      return decideRefundOrder(books, command);
  }
}

function decideHold(books: StockBooks, command: HoldCommand, makeId: MakeReservationId): StockOutcome {
  const { nowMs } = books;
  const event = books.event(command.eventId);
  if (event === undefined) return { kind: "event_not_found" };
  const { userId, quantity } = command;
  const verifiedPhone = phoneFor(books, event, userId);
  const refusal =
    refuseByTerms(event, command, nowMs) ??
    refuseUnverified(event, verifiedPhone) ??
    refuseDuplicate(books, event.id, { userId, verifiedPhone }) ??
    refuseShortage(books, event, quantity) ??
    refuseHoarding(books, event.id, command);
  if (refusal !== null) return refusal;

  const reservation = newHold({
    id: makeId(event.number, nowMs),
    eventId: event.id,
    userId,
    quantity,
    expiresAtMs: nowMs + event.holdSeconds * 1000,
    createdAtMs: nowMs,
    cartId: null,
    verifiedPhone,
  });
  books.hold(event, reservation);
  return { kind: "held", reservation };
}

function decideConfirm(books: StockBooks, command: ConfirmCommand): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { event, reservation } = found;
  const ended = endIfOverdue(books, reservation);
  if (ended !== null) return { kind: "hold_ended", reservation: ended };
  if (reservation.cartId !== null) return { kind: "reservation_in_cart", cartId: reservation.cartId };
  if (reservation.status === "confirmed") return { kind: "confirmed", reservation };
  if (command.requester.role === "buyer" && event.priceCents > 0) return { kind: "payment_required" };
  return { kind: "confirmed", reservation: books.confirm(reservation) };
}

function decideExtend(books: StockBooks, command: ExtendCommand): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { event, reservation } = found;
  const ended = endIfOverdue(books, reservation);
  if (ended !== null) return { kind: "hold_ended", reservation: ended };
  if (reservation.cartId !== null) return { kind: "reservation_in_cart", cartId: reservation.cartId };
  if (reservation.status === "confirmed") return { kind: "already_confirmed" };
  if (reservation.extendedAtMs.length >= event.maxExtensions) {
    return { kind: "extension_limit", maxExtensions: event.maxExtensions };
  }
  // Each extension adds one whole hold period, so a hold lives at most (1 + maxExtensions) periods.
  const expiresAtMs = reservation.expiresAtMs + event.holdSeconds * 1000;
  return { kind: "extended", reservation: books.extend(reservation, expiresAtMs) };
}

function decideCancel(books: StockBooks, command: CancelCommand): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { reservation } = found;
  // What has ended already has returned its stock already; asking again changes nothing.
  const ended = endIfOverdue(books, reservation);
  if (ended !== null) return { kind: "cancelled", reservation: ended };
  if (reservation.cartId !== null) return { kind: "reservation_in_cart", cartId: reservation.cartId };
  const byBuyer = command.requester.role === "buyer";
  if (byBuyer && reservation.status === "confirmed") return { kind: "cancel_not_allowed" };
  const cause = byBuyer ? "cancelled_by_buyer" : "cancelled_by_service";
  return { kind: "cancelled", reservation: books.release(reservation, "cancelled", cause) };
}

function decideExpire(books: StockBooks, command: ExpireCommand): StockOutcome {
  const reservation = books.reservation(command.reservationId);
  if (reservation?.eventId !== command.eventId || !isOverdue(reservation, books.nowMs))
    return { kind: "not_due" };
  return { kind: "expired", reservation: books.release(reservation, "expired", "deadline_passed") };
}

function decideChangeEvent(books: StockBooks, command: ChangeEventCommand): StockOutcome {
  const event = books.event(command.eventId);
  if (event === undefined) return { kind: "event_not_found" };
  const { change, actor } = command;
  const { capacity, salesStartAtMs, salesEndAtMs }: Event = { ...event, ...change };
  const heldAndSold = event.held + event.sold;
  if (capacity < heldAndSold) return { kind: "capacity_too_low", heldAndSold };
  if (salesStartAtMs !== null && salesEndAtMs !== null && salesEndAtMs <= salesStartAtMs) {
    return { kind: "sales_window_empty" };
  }
  // Asking for what is already so changes nothing and is not worth an audit entry.
  if (Object.keys(change).length === 0)
    return { kind: "event_changed", event: { ...event }, nowMs: books.nowMs };
  forgetFailureOfOldRule(books, event, change);
  const terms = { ...change, available: capacity - heldAndSold };
  const audit = { eventId: event.id, action: "changed", actor, reason: null } as const;
  return { kind: "event_changed", event: books.changeEvent(event, terms, audit), nowMs: books.nowMs };
}

function decideSetPaused(books: StockBooks, command: SetPausedCommand): StockOutcome {
  const event = books.event(command.eventId);
  if (event === undefined) return { kind: "event_not_found" };
  const { reason, actor } = command;
  if (event.pausedReason === reason)
    return { kind: "event_changed", event: { ...event }, nowMs: books.nowMs };
  const action = reason === null ? "resumed" : "paused";
  const audit = { eventId: event.id, action, actor, reason } as const;
  const changed = books.changeEvent(event, { pausedReason: reason }, audit);
  return { kind: "event_changed", event: changed, nowMs: books.nowMs };
}

/** The named reservation with its event; null when it is not there, or not this buyer's to see. */
function findReservation(
  books: StockBooks,
  command: { readonly reservationId: string; readonly eventId: string; readonly requester: Requester },
): { event: Event; reservation: Reservation } | null {
  const reservation = books.reservation(command.reservationId);
  const event = books.event(command.eventId);
  if (reservation === undefined || event === undefined || reservation.eventId !== event.id) return null;
  if (command.requester.role === "buyer" && reservation.userId !== command.requester.userId) return null;
  return { event, reservation };
}

/**
 * The reservation as it ended, or null while it is alive.
 * An overdue hold that nobody has swept yet ends here, at its next use.
 */
function endIfOverdue(books: StockBooks, reservation: Reservation): Reservation | null {
  if (reservation.status === "cancelled" || reservation.status === "expired") return reservation;
  return isOverdue(reservation, books.nowMs)
    ? books.release(reservation, "expired", "deadline_passed")
    : null;
}
