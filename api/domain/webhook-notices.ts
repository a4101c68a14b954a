import { webhookEventTypes } from "../contract/webhook-endpoints.ts";
import type { Event } from "./event.ts";
import type { Order } from "./order.ts";
import type { Reservation } from "./reservation.ts";
import type { StockChanges } from "./stock-books.ts";

export type NoticeType = (typeof webhookEventTypes)[number];

/** Something that happened, with what it happened to as it was then. */
export type Notice =
  | { readonly type: Extract<NoticeType, `reservation.${string}`>; readonly reservation: Reservation }
  | { readonly type: Extract<NoticeType, `order.${string}`>; readonly order: Order }
  | { readonly type: Extract<NoticeType, `event.${string}`>; readonly event: Event };

/** What was read under the lock of that which has changed since. */
export interface NoticeGrounds {
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly orders: ReadonlyMap<string, Order>;
  readonly events: ReadonlyMap<string, Event>;
}

const knownTypes: ReadonlySet<string> = new Set(webhookEventTypes);
const nobodyListens: ReadonlySet<NoticeType> = new Set();

/** What somebody listens to, of what was read. @param types null when nobody listens to anything */
export function listenedTypesOf(types: readonly string[] | null): ReadonlySet<NoticeType> {
  if (types === null) return nobodyListens;
  return new Set(types.filter((type): type is NoticeType => knownTypes.has(type)));
}

/**
 * What there is to tell of a transaction's changes. For each reservation the notices stand in the order in which things
 * happened; a deadline that moves is none. What a late payment buys at once is confirmed without having been held.
 *
 * @param listened the types that somebody wants to hear of
 */
export function noticesOf(
  changes: Pick<
    StockChanges,
    "inserted" | "updated" | "insertedOrders" | "updatedOrders" | "events" | "audits"
  >,
  before: NoticeGrounds,
  listened: ReadonlySet<NoticeType>,
): Notice[] {
  if (listened.size === 0) return [];
  const notices: Notice[] = [];
  for (const reservation of changes.inserted) {
    if (reservation.confirmedAtMs === null)
      notices.push({ type: "reservation.held", reservation: asHeld(reservation) });
    addSteps(notices, null, reservation);
  }
  for (const reservation of changes.updated) {
    // Of a hold among those that end first it is known only that it was held.
    addSteps(notices, before.reservations.get(reservation.id) ?? null, reservation);
  }
  for (const order of [...changes.insertedOrders, ...changes.updatedOrders])
    addOrder(notices, before.orders.get(order.id) ?? null, order);
  const restocked = new Set(
    changes.audits.filter(({ action }) => action === "restocked").map(({ eventId }) => eventId),
  );
  for (const event of changes.events) {
    if (restocked.has(event.id)) notices.push({ type: "event.restocked", event });
    const earlier = before.events.get(event.id);
    if (isSoldOut(event) && earlier !== undefined && !isSoldOut(earlier))
      notices.push({ type: "event.sold_out", event });
  }
  return notices.filter(({ type }) => listened.has(type));
}

/** What a notice is about: a reservation, an order or an event. */
export function subjectIdOf(notice: Notice): string {
  if ("reservation" in notice) return notice.reservation.id;
  return "order" in notice ? notice.order.id : notice.event.id;
}

function addSteps(notices: Notice[], before: Reservation | null, reservation: Reservation): void {
  const wasConfirmed = before !== null && before.confirmedAtMs !== null;
  if (!wasConfirmed && reservation.confirmedAtMs !== null)
    notices.push({ type: "reservation.confirmed", reservation: asConfirmed(reservation) });
  const { status } = reservation;
  const wasOver = before !== null && before.releasedAtMs !== null;
  if (!wasOver && (status === "expired" || status === "cancelled"))
    notices.push({ type: `reservation.${status}`, reservation });
}

function addOrder(notices: Notice[], before: Order | null, order: Order): void {
  if (order.paidAtMs !== null && (before === null || before.paidAtMs === null))
    notices.push({ type: "order.paid", order: asPaid(order) });
  if (order.status === "refunded" && before?.status !== "refunded")
    notices.push({ type: "order.refunded", order });
}

/** The reservation as it began, when its own transaction has ended it as well. */
function asHeld(reservation: Reservation): Reservation {
  if (reservation.status === "held") return reservation;
  return { ...reservation, status: "held", confirmedAtMs: null, releasedAtMs: null, cause: null };
}

function asConfirmed(reservation: Reservation): Reservation {
  if (reservation.status === "confirmed") return reservation;
  return { ...reservation, status: "confirmed", releasedAtMs: null, cause: null };
}

function asPaid(order: Order): Order {
  if (order.status === "paid") return order;
  const status = order.totalCents > 0 ? "succeeded" : "none";
  return { ...order, status: "paid", payment: { ...order.payment, status } };
}

function isSoldOut({ available, held, sold }: Event): boolean {
  return available === 0 && held === 0 && sold > 0;
}
