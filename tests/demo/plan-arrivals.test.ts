import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ArrivalTerms, planArrivals } from "../../demo/plan-arrivals.ts";

const terms: fc.Arbitrary<ArrivalTerms> = fc.record({
  buyers: fc.integer({ min: 1, max: 400 }),
  ratePerSecond: fc.integer({ min: 1, max: 20_000 }),
  arrivals: fc.constantFrom("poisson" as const, "even" as const),
  confirmPercent: fc.integer({ min: 0, max: 100 }),
  holdSeconds: fc.integer({ min: 1, max: 86_400 }),
  seed: fc.nat(999_999_999),
});
const usual: ArrivalTerms = {
  buyers: 20_000,
  ratePerSecond: 500,
  arrivals: "poisson",
  confirmPercent: 80,
  holdSeconds: 60,
  seed: 7,
};

describe("a plan of arrivals", () => {
  test("has every buyer once, in order, at times that never go back", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const plan = [...planArrivals(given)];
        expect(plan.map(({ number }) => number)).toEqual(
          Array.from({ length: given.buyers }, (_, index) => index + 1),
        );
        plan.reduce((beforeMs, { atMs }) => {
          expect(Number.isFinite(atMs)).toBe(true);
          expect(atMs).toBeGreaterThanOrEqual(beforeMs);
          return atMs;
        }, 0);
      }),
    );
  });

  test("is the same for the same terms, and another one for another seed", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const plan = [...planArrivals(given)];
        expect([...planArrivals(given)]).toEqual(plan);
        expect([...planArrivals({ ...given, seed: given.seed + 1 })]).not.toEqual(plan);
      }),
    );
  });

  test("lets buyers think for less than the hold lasts", () => {
    fc.assert(
      fc.property(terms, (given) => {
        for (const { thinkMs } of planArrivals(given)) {
          expect(thinkMs).toBeGreaterThanOrEqual(0);
          expect(thinkMs).toBeLessThanOrEqual(given.holdSeconds * 250);
        }
      }),
    );
  });

  test("lets nobody confirm at 0 % and everybody at 100 %", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const confirms = (confirmPercent: number) =>
          [...planArrivals({ ...given, confirmPercent })].filter((buyer) => buyer.confirms).length;
        expect(confirms(0)).toBe(0);
        expect(confirms(100)).toBe(given.buyers);
      }),
    );
  });

  test("lets who confirmed at one share confirm at any greater share, at the same times", () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: 0, max: 100 }), (given, more) => {
        const plan = [...planArrivals(given)];
        const confirmPercent = Math.min(100, given.confirmPercent + more);
        const greater = [...planArrivals({ ...given, confirmPercent })];
        expect(greater.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs));
        expect(plan.filter(({ confirms }, index) => confirms && greater[index]?.confirms !== true)).toEqual(
          [],
        );
      }),
    );
  });

  test("spaces an even plan equally", () => {
    const plan = [...planArrivals({ ...usual, arrivals: "even", buyers: 5, ratePerSecond: 100 })];
    expect(plan.map(({ atMs }) => atMs)).toEqual([0, 10, 20, 30, 40]);
  });

  test("gives a Poisson plan gaps whose mean and deviation are both one second divided by the rate", () => {
    const plan = [...planArrivals(usual)];
    const gaps = plan.map(({ atMs }, index) => atMs - (plan[index - 1]?.atMs ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeGreaterThan(1.9);
    expect(mean).toBeLessThan(2.1);
    expect(Math.sqrt(variance)).toBeGreaterThan(1.9);
    expect(Math.sqrt(variance)).toBeLessThan(2.1);
  });

  test("lets about the given share confirm", () => {
    const confirming = [...planArrivals(usual)].filter(({ confirms }) => confirms).length;
    expect(confirming / usual.buyers).toBeGreaterThan(0.78);
    expect(confirming / usual.buyers).toBeLessThan(0.82);
  });
});
