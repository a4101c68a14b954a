import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { DatabaseTime } from "../../chaos/model/database-time.ts";

/** What the database's clock is ahead of the run's when nobody has set it. */
const aheadMs = 1_000_000;
/** How long a sample takes. */
const sampleMs = 4;

interface Step {
  readonly atMs: number;
  readonly byMs: number;
}

/** A run of ten seconds whose database's clock is set now and then, and runs too fast. */
function observe(steps: readonly Step[], { driftPart = 0, samplesAt = everyQuarterOfASecond } = {}) {
  const clock = (monoMs: number) =>
    monoMs * (1 + driftPart) +
    aheadMs +
    steps.filter(({ atMs }) => atMs <= monoMs).reduce((sum, { byMs }) => sum + byMs, 0);
  const time = new DatabaseTime();
  for (const atMs of samplesAt) {
    const place = { t_mono: atMs, t_mono_end: atMs + sampleMs, database_ms: clock(atMs + sampleMs / 2) };
    time.observe({ type: "sample", run: "r", seed: 1, seq: 1, ...place, stock: [] });
  }
  return { time, clock };
}

const everyQuarterOfASecond = Array.from({ length: 41 }, (_, count) => count * 250);

const anyStep = fc.record({
  atMs: fc.integer({ min: 10, max: 10_000 }),
  byMs: fc.integer({ min: -5_000, max: 90_000 }),
});
/** Not two between the same samples, of which these could not tell anything. */
const anySteps = fc
  .array(anyStep, { maxLength: 3 })
  .filter((steps) =>
    steps.every((one) => steps.every((other) => one === other || Math.abs(one.atMs - other.atMs) > 500)),
  );
const anyMoment = fc.integer({ min: 0, max: 10_000 });
/** The kernel slews by half a thousandth, and a machine that was frozen by ten times as much. */
const anyDrift = fc.constantFrom(-0.0005, 0, 0.0005, 0.005);

test("whatever is done to a clock, what it shows at a moment is within its bounds", () => {
  fc.assert(
    fc.property(anySteps, anyDrift, anyMoment, (steps, driftPart, monoMs) => {
      const { time, clock } = observe(steps, { driftPart });
      expect(time.earliest(monoMs)).toBeLessThanOrEqual(clock(monoMs));
      expect(time.latest(monoMs)).toBeGreaterThanOrEqual(clock(monoMs));
    }),
    { numRuns: 500 },
  );
});

test("the moment at which a clock came to a time is found again", () => {
  const forward = anySteps.map((steps) => steps.map(({ atMs, byMs }) => ({ atMs, byMs: Math.abs(byMs) })));
  fc.assert(
    fc.property(forward, anyDrift, anyMoment, (steps, driftPart, monoMs) => {
      const { time, clock } = observe(steps, { driftPart });
      const found = time.toRun(clock(monoMs));
      expect(found?.fromMs).toBeLessThanOrEqual(monoMs);
      expect(found?.toMs).toBeGreaterThanOrEqual(monoMs);
    }),
    { numRuns: 500 },
  );
});

describe("a clock that nobody sets", () => {
  const { time } = observe([]);

  it("is known to within a sample and a few milliseconds", () => {
    expect(time.latest(5_100) - time.earliest(5_100)).toBeLessThanOrEqual(2 * sampleMs + 10);
    expect(time.steps()).toEqual([]);
  });

  it.each([-60_000, 0, 5_100, 10_000, 60_000])(
    "tells the moment of the run %i ms after its beginning",
    (monoMs) => {
      const found = time.toRun(monoMs + aheadMs);
      expect(found?.fromMs).toBeCloseTo(monoMs, -1);
      expect(found?.toMs).toBeCloseTo(monoMs, -1);
    },
  );
});

describe("a clock that is set to a later time", () => {
  const { time } = observe([{ atMs: 5_100, byMs: 88_000 }]);

  it("came to each time that it left out when it was set", () => {
    for (const leftOutMs of [1, 1_000, 87_000]) {
      const found = time.toRun(5_100 + aheadMs + leftOutMs);
      expect(found?.fromMs).toBeGreaterThanOrEqual(5_000);
      expect(found?.toMs).toBeLessThanOrEqual(5_250 + sampleMs);
    }
  });

  it("is in doubt only between the two samples around that", () => {
    expect(time.latest(4_990) - time.earliest(4_990)).toBeLessThan(20);
    expect(time.latest(5_100) - time.earliest(5_100)).toBeGreaterThan(88_000);
    expect(time.latest(5_260) - time.earliest(5_260)).toBeLessThan(20);
  });

  it("is told", () => expect(time.steps()).toEqual([88_000]));
});

describe("a clock that is set back", () => {
  const { time } = observe([{ atMs: 5_100, byMs: -2_000 }]);

  it("may have come to a time twice, and both are within", () => {
    const found = time.toRun(4_000 + aheadMs);
    expect(found?.fromMs).toBeCloseTo(4_000, -1);
    expect(found?.toMs).toBeCloseTo(6_000, -1);
  });

  it("is told", () => expect(time.steps()).toEqual([-2_000]));
});

test("a clock that is set while the database is away is in doubt for as long as that", () => {
  const { time } = observe([{ atMs: 3_000, byMs: 60_000 }], {
    samplesAt: everyQuarterOfASecond.filter((atMs) => atMs <= 2_000 || atMs >= 7_000),
  });
  expect(time.earliest(6_000)).toBeCloseTo(6_000 + aheadMs, -1.5);
  expect(time.latest(6_000)).toBeCloseTo(66_000 + aheadMs, -1.5);
  expect(time.steps()).toEqual([60_000]);
});

test("a clock that is drawn back to the right time was not set", () => {
  expect(observe([], { driftPart: 0.005 }).time.steps()).toEqual([]);
});

test("without samples nothing is known", () => {
  const time = new DatabaseTime();
  expect(time.toRun(0)).toBeNull();
  expect([time.earliest(0), time.latest(0)]).toEqual([-Infinity, Infinity]);
});
