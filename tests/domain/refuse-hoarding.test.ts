import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Requester } from "../../api/domain/commands.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import type { HoardingTerms } from "../../api/domain/hoarding-terms.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { StockBooks } from "../../api/domain/stock-books.ts";
import { nowMs, sampleEvent, sampleHold, sampleReservation } from "./samples.ts";

const terms: HoardingTerms = { holdsMax: 2, windowMs: 60_000 };
const ada: Requester = { role: "buyer", userId: "ada" };

/** A hold of ada's that expired so long ago. */
const lapse = (agoMs: number, given: Partial<Reservation> = {}) =>
  sampleReservation({
    id: `lapsed ${agoMs}`,
    status: "expired",
    expiresAtMs: nowMs - agoMs,
    releasedAtMs: nowMs - agoMs,
    cause: "deadline_passed",
    ...given,
  });

function ask(known: readonly Reservation[], given: Partial<Parameters<typeof sampleHold>[0]> = {}) {
  return askBy(terms, known, given);
}

function askBy(
  hoarding: HoardingTerms | null,
  known: readonly Reservation[],
  given: Partial<Parameters<typeof sampleHold>[0]> = {},
) {
  const held = known.filter(({ status }) => status === "held").length;
  const event = sampleEvent({ available: 10 - held, held });
  const books = new StockBooks([event], known, new Map(), nowMs, { hoarding });
  return decideStock(books, sampleHold({ requester: ada, ...given }), () => "made");
}

describe("a buyer whose holds on an event expired", () => {
  it("is refused from the limit on, until the oldest that counts has left the window", () => {
    expect(ask([lapse(1)]).kind).toBe("held");
    expect(ask([lapse(1), lapse(10_000)])).toEqual({ kind: "hoarding", allowedAtMs: nowMs + 50_000, nowMs });
    expect(ask([lapse(1), lapse(59_999)])).toMatchObject({ kind: "hoarding", allowedAtMs: nowMs + 1 });
    expect(ask([lapse(1), lapse(60_000)]).kind).toBe("held");
  });

  it("waits for the one that makes room, however many there were before", () => {
    const many = [lapse(30_000), lapse(5), lapse(20_000), lapse(50_000)];
    expect(ask(many)).toMatchObject({ kind: "hoarding", allowedAtMs: nowMs + 40_000 });
  });

  it("has an overdue hold counted that nobody has swept yet, which ends all the same", () => {
    const overdue = sampleReservation({ expiresAtMs: nowMs - 5 });
    expect(ask([lapse(1_000), overdue])).toMatchObject({
      kind: "hoarding",
      allowedAtMs: nowMs - 1_000 + 60_000,
    });
  });

  it("is not judged by what was cancelled or sold, nor by other users or events", () => {
    const others = [
      lapse(2, { status: "cancelled", cause: "cancelled_by_buyer" }),
      lapse(3, { userId: "bob" }),
      lapse(4, { eventId: "another" }),
    ];
    expect(ask([lapse(1), ...others]).kind).toBe("held");
  });

  it("is told of a duplicate or a shortage first: that is the better reason", () => {
    const lapses = [lapse(1), lapse(2)];
    expect(ask([...lapses, sampleReservation()]).kind).toBe("duplicate_reservation");
    const soldOut = new StockBooks([sampleEvent({ available: 0, sold: 10 })], lapses, new Map(), nowMs, {
      hoarding: terms,
    });
    expect(decideStock(soldOut, sampleHold({ requester: ada }), () => "made").kind).toBe("sold_out");
  });

  it("is not judged where the shop asks, or where there are no terms", () => {
    const lapses = [lapse(1), lapse(2)];
    expect(ask(lapses, { requester: { role: "service" } }).kind).toBe("held");
    const books = new StockBooks([sampleEvent()], lapses, new Map(), nowMs, { hoarding: terms });
    expect(decideStock(books, sampleHold(), () => "made").kind).toBe("held");
    expect(askBy(null, lapses).kind).toBe("held");
  });

  it("never has more than the limit expire within the window, whatever they do", () => {
    const waits = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 4 }), (pauses, holdsMax) => {
        const hoarding = { holdsMax, windowMs: 100_000 };
        const lapsed: Reservation[] = [];
        let now = nowMs;
        for (const [index, pause] of pauses.entries()) {
          now += pause;
          const books = new StockBooks([sampleEvent()], lapsed, new Map(), now, { hoarding });
          const outcome = decideStock(books, sampleHold({ requester: ada }), () => `made ${index}`);
          const counting = lapsed.filter(({ expiresAtMs }) => expiresAtMs > now - hoarding.windowMs);
          expect(outcome.kind).toBe(counting.length < holdsMax ? "held" : "hoarding");
          const allowedAtMs = outcome.kind === "hoarding" ? outcome.allowedAtMs : Infinity;
          expect(allowedAtMs).toBeGreaterThan(now);
          if (outcome.kind !== "held") continue;
          now += 10_000;
          lapsed.push(lapse(nowMs - now, { id: outcome.reservation.id }));
        }
      }),
    );
  });
});
