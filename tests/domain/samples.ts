import type { HoldCommand } from "../../api/domain/commands.ts";
import type { Event } from "../../api/domain/event.ts";
import type { Reservation } from "../../api/domain/reservation.ts";

/** The moment at which the tests of single decisions take place. */
export const nowMs = Date.UTC(2030, 0, 1, 12);

/** An event that is on sale; its capacity follows from the counters. */
export function sampleEvent(given: Partial<Event> = {}): Event {
  const counters = { available: 10, held: 0, sold: 0, ...given };
  return {
    id: "event",
    number: 7,
    name: "Concert",
    version: 3,
    pausedReason: null,
    priceCents: 0,
    currency: "USD",
    holdSeconds: 600,
    maxQuantity: 4,
    maxExtensions: 1,
    salesStartAtMs: null,
    salesEndAtMs: null,
    requiresVerifiedPhone: false,
    restock: null,
    restockOrderId: null,
    restockHeldBack: false,
    createdAtMs: nowMs - 86_400_000,
    ...counters,
    capacity: counters.available + counters.held + counters.sold,
  };
}

/** A hold of user "ada" that has a minute left. */
export function sampleReservation(given: Partial<Reservation> = {}): Reservation {
  return {
    id: "reservation",
    eventId: "event",
    userId: "ada",
    quantity: 1,
    status: "held",
    expiresAtMs: nowMs + 60_000,
    createdAtMs: nowMs - 540_000,
    confirmedAtMs: null,
    releasedAtMs: null,
    cause: null,
    cartId: null,
    verifiedPhone: null,
    extendedAtMs: [],
    ...given,
  };
}

export function sampleHold(given: Partial<HoldCommand> = {}): HoldCommand {
  return { kind: "hold", eventId: "event", userId: "ada", quantity: 1, ...given };
}
