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
import type { Event } from "./event.ts";
import { refuseByStock, refuseByTerms } from "./refuse-hold.ts";
import { isOverdue, type Reservation } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

/** Makes the id of a new reservation of the event with that number, at that database time. */
export type MakeReservationId = (eventNumber: number, nowMs: number) => string;

/**
 * Decides one command against the books and enters what it changes there.
 * Every rule about who gets a ticket, and why not, is in this file and in refuse-hold.ts.
 * Each decision makes all its checks first; after the first change nothing can be refused.
 *
 * @returns the outcome; expected refusals are outcomes, not errors
 */
export function decideStock(
  books: StockBooks,
  command: StockCommand,
  makeId: MakeReservationId,
): StockOutcome {
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
  }
}

function decideHold(books: StockBooks, command: HoldCommand, makeId: MakeReservationId): StockOutcome {
  const { nowMs } = books;
  let event = books.event(command.eventId);
  if (event === undefined) return { kind: "event_not_found" };
  const refusal = refuseByTerms(event, command, nowMs);
  if (refusal !== null) return refusal;

  const active = books.activeOf(event.id, command.userId);
  if (active !== undefined) {
    if (!isOverdue(active, nowMs)) return { kind: "duplicate_reservation", reservationId: active.id };
    books.release(active, "expired", "deadline_passed");
    event = books.event(event.id) ?? event;
  }
  if (event.available < command.quantity) {
    books.expireOverdue(event.id);
    event = books.event(event.id) ?? event;
  }
  const shortage = refuseByStock(event, command.quantity, null);
  if (shortage?.kind === "all_held")
    return { kind: "all_held", nextExpiryAtMs: books.nextExpiryAtMs(event.id) };
  if (shortage !== null) return shortage;

  const reservation: Reservation = {
    id: makeId(event.number, nowMs),
    eventId: event.id,
    userId: command.userId,
    quantity: command.quantity,
    status: "held",
    expiresAtMs: nowMs + event.holdSeconds * 1000,
    createdAtMs: nowMs,
    confirmedAtMs: null,
    releasedAtMs: null,
    cause: null,
    cartId: null,
    extendedAtMs: [],
  };
  books.hold(event, reservation);
  return { kind: "held", reservation };
}

function decideConfirm(books: StockBooks, command: ConfirmCommand): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { event, reservation } = found;
  if (reservation.status === "confirmed") return { kind: "confirmed", reservation };
  const ended = endIfOverdue(books, reservation);
  if (ended !== null) return { kind: "hold_ended", reservation: ended };
  if (command.requester.role === "buyer" && event.priceCents > 0) return { kind: "payment_required" };
  return { kind: "confirmed", reservation: books.confirm(reservation) };
}

function decideExtend(books: StockBooks, command: ExtendCommand): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { event, reservation } = found;
  if (reservation.status === "confirmed") return { kind: "already_confirmed" };
  const ended = endIfOverdue(books, reservation);
  if (ended !== null) return { kind: "hold_ended", reservation: ended };
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
