import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventNumberOf, makeId, makeReservationId } from "../../api/kernel/ids.ts";

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const twoInstants = fc
  .uniqueArray(instants, { minLength: 2, maxLength: 2 })
  .map((pair) => pair.sort((a, b) => a - b) as [number, number]);
const eventNumbers = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("an id", () => {
  it("is a UUID of version 7 that begins with its time", () => {
    fc.assert(
      fc.property(instants, (ms) => {
        const id = makeId(ms);
        expect(id).toMatch(version7);
        expect(timeOf(id)).toBe(ms);
      }),
      { numRuns: 5000 },
    );
  });

  it("uses every value of its random bits, also of those beside version and variant", () => {
    const ids = Array.from({ length: 5000 }, () => makeId(0).replaceAll("-", ""));
    const fixed = new Set([...Array.from({ length: 12 }, (_, index) => index), 12]);
    for (let digit = 0; digit < 32; digit += 1) {
      const values = new Set(ids.map((id) => id[digit]));
      expect(values.size).toBe(fixed.has(digit) ? 1 : digit === 16 ? 4 : 16);
    }
  });

  it("sorts by time", () => {
    fc.assert(
      fc.property(twoInstants, ([earlier, later]) => {
        expect(makeId(earlier) < makeId(later)).toBe(true);
      }),
    );
  });

  it("is unique among a million of the same millisecond", () => {
    expect(distinct(() => makeId(1_893_456_000_000))).toBe(million);
  });
});

describe("a reservation's id", () => {
  it("is a UUID of version 7 that carries its event's number", () => {
    fc.assert(
      fc.property(instants, fc.oneof(eventNumbers, fc.constantFrom(1, 2 ** 31 - 1)), (ms, eventNumber) => {
        const id = makeReservationId(eventNumber, ms);
        expect(id).toMatch(version7);
        expect(timeOf(id)).toBe(ms);
        expect(eventNumberOf(id)).toBe(eventNumber);
      }),
      { numRuns: 5000 },
    );
  });

  it("sorts by time, whatever the event", () => {
    fc.assert(
      fc.property(twoInstants, eventNumbers, eventNumbers, ([earlier, later], eventA, eventB) => {
        expect(makeReservationId(eventA, earlier) < makeReservationId(eventB, later)).toBe(true);
      }),
    );
  });

  it("is unique among a million of one event, a thousand in each millisecond", () => {
    let made = 0;
    expect(distinct(() => makeReservationId(7, 1_893_456_000_000 + Math.trunc((made += 1) / 1000)))).toBe(
      million,
    );
  });
});

const million = 1_000_000;

function distinct(make: () => string): number {
  const ids = new Set<string>();
  for (let count = 0; count < million; count += 1) ids.add(make());
  return ids.size;
}

function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
