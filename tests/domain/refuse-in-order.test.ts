import { describe, expect, it } from "vitest";
import type {
  HoldRefusal,
  ReservationRefusal,
  StockCommand,
  StockOutcome,
} from "../../api/domain/commands.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import type { Event } from "../../api/domain/event.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { StockBooks } from "../../api/domain/stock-books.ts";
import { nowMs, sampleEvent, sampleHold, sampleReservation } from "./samples.ts";

const ada = { role: "buyer", userId: "ada" } as const;
const shop = { role: "service" } as const;

describe("the precedence of refusals of a hold", () => {
  /** Each flaw alone makes its refusal; they are listed in the documented order. */
  const flaws: readonly { readonly refusal: HoldRefusal["kind"]; readonly flaw: Partial<Event> }[] = [
    { refusal: "sales_ended", flaw: { salesEndAtMs: nowMs } },
    { refusal: "sales_paused", flaw: { pausedReason: "fire alarm" } },
    { refusal: "sales_not_started", flaw: { salesStartAtMs: nowMs + 1 } },
    { refusal: "quantity_over_limit", flaw: { maxQuantity: 1 } },
    { refusal: "phone_not_verified", flaw: { requiresVerifiedPhone: true } },
  ];
  const ticketsTaken = { available: 0, held: 1 };
  const ownHold = sampleReservation();

  it.each(flaws.map((each, index) => ({ ...each, index })))(
    "$refusal comes before all that follow",
    ({ refusal, index }) => {
      const later: Partial<Event> = Object.assign({}, ...flaws.slice(index).map(({ flaw }) => flaw));
      const event = sampleEvent({ ...ticketsTaken, ...later });
      expect(decide(event, [ownHold], sampleHold({ quantity: 2 })).kind).toBe(refusal);
    },
  );

  it("an unknown event comes before everything", () => {
    expect(decide(sampleEvent(), [], sampleHold({ eventId: "another" })).kind).toBe("event_not_found");
  });

  it("a duplicate comes before every shortage of stock", () => {
    for (const stock of [ticketsTaken, { available: 0, held: 0, sold: 1 }, { available: 1, held: 1 }]) {
      const outcome = decide(sampleEvent(stock), [ownHold], sampleHold({ quantity: 2 }));
      expect(outcome).toEqual({ kind: "duplicate_reservation", reservationId: ownHold.id });
    }
  });

  it("tells three shortages apart: sold out, all held, not enough left", () => {
    const ask = sampleHold({ userId: "grace", quantity: 2 });
    expect(decide(sampleEvent({ available: 0, sold: 2 }), [], ask)).toEqual({ kind: "sold_out" });
    expect(decide(sampleEvent(ticketsTaken), [], ask, [ownHold])).toEqual({
      kind: "all_held",
      nextExpiryAtMs: ownHold.expiresAtMs,
    });
    expect(decide(sampleEvent({ available: 1, held: 1 }), [], ask)).toEqual({
      kind: "not_enough_left",
      available: 1,
    });
    expect(decide(sampleEvent({ available: 2, held: 1 }), [], ask).kind).toBe("held");
  });

  it("sells no ticket of an event without capacity", () => {
    expect(decide(sampleEvent({ available: 0 }), [], sampleHold())).toEqual({ kind: "sold_out" });
  });
});

describe("the precedence of refusals of a change", () => {
  const order = [
    "reservation_not_found",
    "hold_ended",
    "already_confirmed",
    "payment_required",
    "cancel_not_allowed",
    "extension_limit",
  ] as const satisfies readonly ReservationRefusal["kind"][];

  it.each([
    {
      refusal: order[0],
      kind: "confirm",
      reservation: { userId: "grace", expiresAtMs: nowMs },
      event: { priceCents: 1 },
    },
    {
      refusal: order[0],
      kind: "extend",
      reservation: { userId: "grace", status: "confirmed" },
      event: { maxExtensions: 0 },
    },
    { refusal: order[0], kind: "cancel", reservation: { userId: "grace", status: "confirmed" }, event: {} },
    { refusal: order[1], kind: "confirm", reservation: { expiresAtMs: nowMs }, event: { priceCents: 1 } },
    { refusal: order[1], kind: "extend", reservation: { expiresAtMs: nowMs }, event: { maxExtensions: 0 } },
    { refusal: order[2], kind: "extend", reservation: { status: "confirmed" }, event: { maxExtensions: 0 } },
    { refusal: order[3], kind: "confirm", reservation: {}, event: { priceCents: 1 } },
    { refusal: order[4], kind: "cancel", reservation: { status: "confirmed" }, event: {} },
    { refusal: order[5], kind: "extend", reservation: { extendedAtMs: [nowMs - 1] }, event: {} },
  ] as const)("$kind is refused with $refusal first", ({ refusal, kind, reservation, event }) => {
    const isConfirmed = "status" in reservation;
    const stocked = sampleEvent({
      available: 9,
      held: isConfirmed ? 0 : 1,
      sold: isConfirmed ? 1 : 0,
      ...event,
    });
    const command = { kind, eventId: "event", reservationId: "reservation", requester: ada };
    expect(decide(stocked, [sampleReservation(reservation)], command).kind).toBe(refusal);
  });

  it("a reservation of another event is not found, even by the shop", () => {
    const elsewhere = sampleReservation({ eventId: "another" });
    const command = {
      kind: "confirm",
      eventId: "event",
      reservationId: elsewhere.id,
      requester: shop,
    } as const;
    expect(decide(sampleEvent(), [elsewhere], command)).toEqual({ kind: "reservation_not_found" });
  });

  it("the shop may confirm on a priced event and cancel what is confirmed", () => {
    const named = { eventId: "event", reservationId: "reservation", requester: shop };
    const held = sampleEvent({ available: 9, held: 1, priceCents: 1 });
    expect(decide(held, [sampleReservation()], { kind: "confirm", ...named }).kind).toBe("confirmed");
    const sold = sampleEvent({ available: 9, sold: 1, priceCents: 1 });
    const cancelled = decide(sold, [sampleReservation({ status: "confirmed" })], {
      kind: "cancel",
      ...named,
    });
    expect(cancelled).toMatchObject({ kind: "cancelled", reservation: { cause: "cancelled_by_service" } });
  });
});

describe("a change of an event", () => {
  const change = (given: Extract<StockCommand, { kind: "change_event" }>["change"]) =>
    ({ kind: "change_event", eventId: "event", change: given, actor: "key 1" }) as const;

  it("may lower the capacity to what is held and sold, and not one further", () => {
    const event = sampleEvent({ available: 5, held: 2, sold: 3 });
    expect(decide(event, [], change({ capacity: 5 }))).toMatchObject({
      event: { capacity: 5, available: 0 },
    });
    expect(decide(event, [], change({ capacity: 4 }))).toEqual({ kind: "capacity_too_low", heldAndSold: 5 });
  });

  it("refuses a capacity that is too low before a window that is empty", () => {
    const event = sampleEvent({ available: 5, held: 2, sold: 3 });
    const window = { salesStartAtMs: nowMs, salesEndAtMs: nowMs };
    expect(decide(event, [], change({ capacity: 4, ...window })).kind).toBe("capacity_too_low");
    expect(decide(event, [], change(window)).kind).toBe("sales_window_empty");
  });
});

function decide(
  event: Event,
  reservations: readonly Reservation[],
  command: StockCommand,
  earliest: readonly Reservation[] = [],
): StockOutcome {
  const books = new StockBooks([event], reservations, new Map([[event.id, earliest]]), nowMs);
  return decideStock(books, command, () => "made");
}
