import type { EventReply } from "../contract/events.ts";
import type { ReservationReply, ReservationWithHistoryReply } from "../contract/reservations.ts";
import { type Event, statusOf } from "../domain/event.ts";
import { historyOf, type Reservation } from "../domain/reservation.ts";
import type { Page } from "../kernel/page.ts";

/** An event as clients see it. @param nowMs database time, for the status */
export function presentEvent(event: Event, nowMs: number): EventReply {
  const { restock } = event;
  return {
    id: event.id,
    name: event.name,
    capacity: event.capacity,
    available: event.available,
    held: event.held,
    sold: event.sold,
    version: event.version,
    status: statusOf(event, nowMs),
    price_cents: event.priceCents,
    currency: event.currency,
    hold_seconds: event.holdSeconds,
    max_quantity: event.maxQuantity,
    max_extensions: event.maxExtensions,
    sales_start_at: presentOptionalInstant(event.salesStartAtMs),
    sales_end_at: presentOptionalInstant(event.salesEndAtMs),
    requires_verified_phone: event.requiresVerifiedPhone,
    restock:
      restock === null
        ? null
        : { threshold: restock.threshold, quantity: restock.quantity, supplier_url: restock.supplierUrl },
    created_at: presentInstant(event.createdAtMs),
  };
}

export function presentReservation(reservation: Reservation): ReservationReply {
  return {
    id: reservation.id,
    event_id: reservation.eventId,
    user_id: reservation.userId,
    quantity: reservation.quantity,
    status: reservation.status,
    expires_at: presentInstant(reservation.expiresAtMs),
    created_at: presentInstant(reservation.createdAtMs),
    confirmed_at: presentOptionalInstant(reservation.confirmedAtMs),
    released_at: presentOptionalInstant(reservation.releasedAtMs),
    cause: reservation.cause,
    cart_id: reservation.cartId,
  };
}

export function presentReservationWithHistory(reservation: Reservation): ReservationWithHistoryReply {
  const history = historyOf(reservation).map(({ status, atMs, cause }) => ({
    status,
    at: presentInstant(atMs),
    cause,
  }));
  return { ...presentReservation(reservation), history };
}

/** A page in the envelope of every list. */
export function presentPage<Item, Presented>(
  page: Page<Item>,
  url: string,
  present: (item: Item) => Presented,
) {
  const { items, hasMore, total } = page;
  return { object: "list" as const, url, data: items.map(present), has_more: hasMore, total };
}

/** RFC 3339 in UTC, with milliseconds. */
export function presentInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same of a moment that may not have come. */
export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
