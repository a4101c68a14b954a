import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Gate } from "../../api/desk/gate.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import { StockBooks } from "../../api/domain/stock-books.ts";
import { nowMs, sampleEvent, sampleHold, sampleReservation } from "./samples.ts";

let monotonicMs: number;
let gate: Gate;

beforeEach(() => {
  monotonicMs = 1000;
  gate = new Gate(() => monotonicMs);
});

const soldOut = sampleEvent({ available: 0, sold: 10 });

describe("the gate", () => {
  it("says nothing about an event that it has not seen", () => {
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("never grants, and refuses only whom the desk would refuse for the same reason", () => {
    const offset = fc.option(
      fc.integer({ min: -200, max: 200 }).map((ms) => nowMs + ms),
      { freq: 2 },
    );
    const event = fc
      .record({
        available: fc.integer({ min: 0, max: 3 }),
        held: fc.integer({ min: 0, max: 2 }),
        sold: fc.integer({ min: 0, max: 2 }),
        maxQuantity: fc.integer({ min: 1, max: 3 }),
        pausedReason: fc.constantFrom(null, null, "fire alarm"),
        requiresVerifiedPhone: fc.constantFrom(false, false, true),
        salesStartAtMs: offset,
        salesEndAtMs: offset,
      })
      .map(sampleEvent);
    fc.assert(
      fc.property(
        event,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 500 }),
        (seen, quantity, holdMsLeft) => {
          const command = sampleHold({ quantity, userId: "grace" });
          const fresh = new Gate(() => monotonicMs);
          const ticketsHeld = Array.from({ length: seen.held }, (_, index) =>
            sampleReservation({
              id: `hold-${index}`,
              userId: `user-${index}`,
              expiresAtMs: nowMs + holdMsLeft,
            }),
          );
          fresh.observe(seen, seen.held > 0 ? nowMs + holdMsLeft : null, nowMs);
          const refusal = fresh.refuse(command);
          if (refusal === null) return;
          // Memory cannot tell who is verified. Whoever is would get this very answer.
          const phones = new Map([["grace", "+4915112345678"]]);
          const earliest = new Map([[seen.id, ticketsHeld]]);
          const books = new StockBooks([seen], [], earliest, nowMs, { verifiedPhones: phones });
          expect(decideStock(books, command, () => "made")).toEqual(refusal);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("refuses from a glimpse for half a second and from then on nobody", () => {
    gate.observe(soldOut, null, nowMs);
    monotonicMs += 500;
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sold_out" });
    monotonicMs += 1;
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("leaves to the desk who has verified a phone, and refuses for stock all the same", () => {
    const terms = { requiresVerifiedPhone: true };
    gate.observe(sampleEvent(terms), null, nowMs);
    expect(gate.refuse(sampleHold())).toBeNull();
    expect(gate.eventsToPoll()).toEqual([]);
    gate.observe(sampleEvent({ ...soldOut, ...terms }), null, nowMs);
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sold_out" });
  });

  it("lets everyone through while tickets are free", () => {
    gate.observe(sampleEvent({ available: 1, held: 9 }), null, nowMs);
    expect(gate.refuse(sampleHold())).toBeNull();
    expect(gate.refuse(sampleHold({ quantity: 2 }))).toEqual({ kind: "not_enough_left", available: 1 });
  });

  it("ignores what is older than what it knows, and takes in what is newer", () => {
    const freed = sampleEvent({ available: 1, sold: 9, version: soldOut.version + 1 });
    gate.observe(freed, null, nowMs);
    gate.observe(soldOut, null, nowMs + 1);
    expect(gate.refuse(sampleHold())).toBeNull();
    gate.observe({ ...soldOut, version: freed.version + 1 }, null, nowMs + 2);
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sold_out" });
  });

  it("stops refusing a tenth of a second before sales start", () => {
    const startsAtMs = nowMs + 300;
    gate.observe(sampleEvent({ salesStartAtMs: startsAtMs }), null, nowMs);
    monotonicMs += 199;
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sales_not_started", startsAtMs });
    monotonicMs += 1;
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("leaves to the desk whether a hold that may have ended has freed its ticket", () => {
    const nextExpiryAtMs = nowMs + 100;
    gate.observe(sampleEvent({ available: 0, held: 10 }), nextExpiryAtMs, nowMs);
    expect(gate.refuse(sampleHold())).toEqual({ kind: "all_held", nextExpiryAtMs });
    monotonicMs += 99;
    expect(gate.refuse(sampleHold())).toEqual({ kind: "all_held", nextExpiryAtMs });
    monotonicMs += 1;
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("does not refuse for held tickets when it does not know when the next hold ends", () => {
    gate.observe(sampleEvent({ available: 0, held: 10 }), null, nowMs);
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("ends a sale at its end by its own estimate of the database's time", () => {
    gate.observe(sampleEvent({ salesEndAtMs: nowMs + 50 }), null, nowMs);
    monotonicMs += 49;
    expect(gate.refuse(sampleHold())).toBeNull();
    monotonicMs += 1;
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sales_ended" });
  });
});

describe("the memory against double clicks", () => {
  const first = sampleReservation();
  const duplicate = { kind: "duplicate_reservation", reservationId: first.id };

  it("names the user's reservation, and concerns nobody else and no other event", () => {
    gate.observe(sampleEvent(), null, nowMs);
    gate.observe(sampleEvent({ id: "another" }), null, nowMs);
    gate.learn(first);
    expect(gate.refuse(sampleHold())).toEqual(duplicate);
    expect(gate.refuse(sampleHold({ userId: "grace" }))).toBeNull();
    expect(gate.refuse(sampleHold({ eventId: "another" }))).toBeNull();
  });

  it("comes before a shortage of stock and after the event's terms", () => {
    gate.learn(first);
    gate.observe(soldOut, null, nowMs);
    expect(gate.refuse(sampleHold())).toEqual(duplicate);
    gate.observe({ ...soldOut, pausedReason: "fire alarm" }, null, nowMs);
    expect(gate.refuse(sampleHold())).toEqual({ kind: "sales_paused", reason: "fire alarm" });
  });

  it("forgets a reservation that has ended", () => {
    gate.observe(sampleEvent(), null, nowMs);
    gate.learn(first);
    monotonicMs += 150;
    gate.observe(sampleEvent(), null, nowMs);
    expect(gate.refuse(sampleHold())).toEqual(duplicate);
    gate.learn({ ...first, status: "cancelled" });
    expect(gate.refuse(sampleHold())).toBeNull();
  });

  it("lasts from a tenth to two tenths of a second, whenever else the gate is asked", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 12 }),
        fc.nat(1000),
        (steps, idleMs) => {
          const fresh = new Gate(() => monotonicMs);
          const ask = () => {
            fresh.observe(sampleEvent(), null, nowMs);
            return fresh.refuse(sampleHold());
          };
          ask();
          monotonicMs += idleMs;
          fresh.learn(first);
          const rememberedAtMs = monotonicMs;
          for (const stepMs of steps) {
            monotonicMs += stepMs;
            const ageMs = monotonicMs - rememberedAtMs;
            const allowed = [...(ageMs < 200 ? [duplicate] : []), ...(ageMs > 100 ? [null] : [])];
            expect(allowed).toContainEqual(ask());
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("what the gate asks to be looked at again", () => {
  it("is what it refuses and somebody still wants, for five seconds", () => {
    gate.observe(soldOut, null, nowMs);
    gate.observe(sampleEvent({ id: "selling" }), null, nowMs);
    gate.observe(sampleEvent({ id: "paused", pausedReason: "fire alarm" }), null, nowMs);
    expect(gate.eventsToPoll()).toEqual(["event", "paused"]);
    monotonicMs += 5000;
    gate.refuse(sampleHold({ eventId: "paused" }));
    expect(gate.eventsToPoll()).toEqual(["event", "paused"]);
    monotonicMs += 1;
    expect(gate.eventsToPoll()).toEqual(["paused"]);
  });
});
