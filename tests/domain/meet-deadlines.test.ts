import { describe, expect, it } from "vitest";
import { decideStock } from "../../api/domain/decide-stock.ts";
import { type EventStatus, statusOf } from "../../api/domain/event.ts";
import { historyOf, isOverdue } from "../../api/domain/reservation.ts";
import { StockBooks } from "../../api/domain/stock-books.ts";
import { nowMs, sampleEvent, sampleHold, sampleReservation } from "./samples.ts";

describe("a hold's deadline", () => {
  const hold = sampleReservation({ quantity: 2, expiresAtMs: nowMs });

  it("has passed at the very moment, not a millisecond before", () => {
    expect(isOverdue(hold, nowMs - 1)).toBe(false);
    expect(isOverdue(hold, nowMs)).toBe(true);
    expect(isOverdue(hold, nowMs + 1)).toBe(true);
  });

  it("does not concern what is no longer held", () => {
    for (const status of ["confirmed", "cancelled", "expired"] as const) {
      expect(isOverdue({ ...hold, status }, nowMs + 1_000_000)).toBe(false);
    }
  });

  it.each(["confirm", "extend", "cancel"] as const)(
    "lets its user %s until then, and not from then on",
    (kind) => {
      const command = {
        kind,
        eventId: "event",
        reservationId: hold.id,
        requester: { role: "service" },
      } as const;
      const event = sampleEvent({ available: 8, held: 2 });
      const before = new StockBooks([event], [hold], new Map(), nowMs - 1);
      expect(decideStock(before, command, () => "made").kind).toBe(
        `${kind}ed`.replace("canceled", "cancelled"),
      );

      const after = new StockBooks([event], [hold], new Map(), nowMs);
      const outcome = decideStock(after, command, () => "made");
      expect(outcome).toMatchObject({
        kind: kind === "cancel" ? "cancelled" : "hold_ended",
        reservation: { status: "expired", cause: "deadline_passed", releasedAtMs: nowMs },
      });
      expect(after.event("event")).toMatchObject({ available: 10, held: 0, sold: 0 });
    },
  );

  it("lets its own user ask again, and others have its tickets, before any sweeper came", () => {
    const event = sampleEvent({ available: 0, held: 2 });
    const earliest = new Map([["event", [hold]]]);
    for (const userId of ["ada", "grace"]) {
      const own = userId === "ada" ? [hold] : [];
      const books = new StockBooks([event], own, earliest, nowMs);
      expect(decideStock(books, sampleHold({ userId, quantity: 2 }), () => "made").kind).toBe("held");
      expect(books.event("event")).toMatchObject({ available: 0, held: 2, sold: 0 });
      const early = new StockBooks([event], own, earliest, nowMs - 1);
      const refusal = userId === "ada" ? "duplicate_reservation" : "all_held";
      expect(decideStock(early, sampleHold({ userId, quantity: 2 }), () => "made").kind).toBe(refusal);
    }
  });

  it("is one hold period away at first, and each extension adds one to it", () => {
    const books = new StockBooks([sampleEvent({ holdSeconds: 90, maxExtensions: 1 })], [], new Map(), nowMs);
    const held = decideStock(books, sampleHold(), () => "made");
    expect(held).toMatchObject({ kind: "held", reservation: { id: "made", expiresAtMs: nowMs + 90_000 } });
    const extend = {
      kind: "extend",
      eventId: "event",
      reservationId: "made",
      requester: { role: "service" },
    } as const;
    expect(decideStock(books, extend, () => "")).toMatchObject({
      reservation: { expiresAtMs: nowMs + 180_000 },
    });
    expect(decideStock(books, extend, () => "")).toEqual({ kind: "extension_limit", maxExtensions: 1 });
    // A row that is new is written once, as it is in the end.
    const { inserted, updated } = books.changes();
    expect(updated).toEqual([]);
    expect(inserted).toMatchObject([{ id: "made", expiresAtMs: nowMs + 180_000, extendedAtMs: [nowMs] }]);
  });
});

describe("the status of an event", () => {
  const soldOut = { available: 0, sold: 10 };
  const allHeld = { available: 0, held: 1, sold: 9 };
  it.each<{ status: EventStatus; when: string; event: Parameters<typeof sampleEvent>[0] }>([
    { status: "on_sale", when: "tickets are free", event: {} },
    { status: "all_held", when: "some of those that are not free are only held", event: allHeld },
    { status: "sold_out", when: "all are sold", event: soldOut },
    { status: "sold_out", when: "there never were any", event: { available: 0 } },
    { status: "scheduled", when: "sales start a moment later", event: { salesStartAtMs: nowMs + 1 } },
    { status: "on_sale", when: "sales start now", event: { salesStartAtMs: nowMs } },
    { status: "on_sale", when: "sales end a moment later", event: { salesEndAtMs: nowMs + 1 } },
    { status: "ended", when: "sales end now", event: { salesEndAtMs: nowMs } },
    {
      status: "scheduled",
      when: "sold out before sales start",
      event: { ...soldOut, salesStartAtMs: nowMs + 1 },
    },
    {
      status: "paused",
      when: "paused before sales start",
      event: { pausedReason: "fire", salesStartAtMs: nowMs + 1 },
    },
    { status: "paused", when: "paused and sold out", event: { ...soldOut, pausedReason: "fire" } },
    { status: "ended", when: "paused and ended", event: { pausedReason: "fire", salesEndAtMs: nowMs } },
  ])("is $status when $when", ({ status, event }) => {
    expect(statusOf(sampleEvent(event), nowMs)).toBe(status);
  });
});

describe("the history of a reservation", () => {
  const requested = { status: "held", atMs: 1000, cause: "requested" };

  it("begins with the request", () => {
    expect(historyOf(sampleReservation({ createdAtMs: 1000 }))).toEqual([requested]);
  });

  it("tells every step, oldest first", () => {
    const reservation = sampleReservation({
      createdAtMs: 1000,
      extendedAtMs: [2000, 3000],
      confirmedAtMs: 4000,
      releasedAtMs: 5000,
      status: "cancelled",
      cause: "cancelled_by_service",
    });
    expect(historyOf(reservation)).toEqual([
      requested,
      { status: "held", atMs: 2000, cause: "extended" },
      { status: "held", atMs: 3000, cause: "extended" },
      { status: "confirmed", atMs: 4000, cause: "confirmed" },
      { status: "cancelled", atMs: 5000, cause: "cancelled_by_service" },
    ]);
  });

  it("ends with why the hold ended", () => {
    const expired = sampleReservation({
      createdAtMs: 1000,
      releasedAtMs: 2000,
      status: "expired",
      cause: "deadline_passed",
    });
    expect(historyOf(expired)).toEqual([
      requested,
      { status: "expired", atMs: 2000, cause: "deadline_passed" },
    ]);
  });
});
