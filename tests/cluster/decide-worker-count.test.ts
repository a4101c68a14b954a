import fc from "fast-check";
import {
  beginScaling,
  decideWorkerCount,
  defaultScalingRules,
  type Measurement,
  type ScalingRules,
  type ScalingState,
} from "node-cluster-autoscale";
import { describe, expect, test } from "vitest";

const intervalMs = 1_000;
const coolDownIntervals = defaultScalingRules.coolDownMs / intervalMs;

interface Limits {
  readonly min: number;
  readonly max: number;
}

/** A cluster under load: workers serve what they can, lag when asked for more, and are there one interval after they were wanted. */
class SimulatedCluster {
  readonly history: { wanted: number; reason: string | null }[];
  readonly #rules: Limits & ScalingRules;
  readonly #capacity: number;
  #state: ScalingState;
  #nowMs = 0;

  /** @param capacity how many requests per second one worker can serve */
  constructor(limits: Limits & Partial<ScalingRules>, capacity: number, wanted = limits.min) {
    this.#rules = { ...defaultScalingRules, ...limits };
    this.#capacity = capacity;
    this.#state = { ...beginScaling(limits.min, 0), wanted };
    this.history = [{ wanted, reason: null }];
  }

  get wanted(): number {
    return this.#state.wanted;
  }

  /** Lives through some intervals. @param demand requests per second, in total, by interval */
  run(intervals: number, demand: (interval: number) => number): void {
    for (let interval = 0; interval < intervals; interval += 1) {
      this.#nowMs += intervalMs;
      const { state, reason } = decideWorkerCount(this.#state, this.#measure(demand(interval)), this.#rules);
      this.#state = state;
      this.history.push({ wanted: state.wanted, reason });
    }
  }

  #measure(demand: number): Measurement {
    const readyWorkers = this.#state.wanted;
    const served = Math.min(demand, readyWorkers * this.#capacity);
    return {
      atMs: this.#nowMs,
      readyWorkers,
      requestsPerSecond: served,
      sustainedRequestsPerSecond: served,
      lagMs: demand > served ? 400 : 5,
      busyFraction: served / (readyWorkers * this.#capacity),
      machineBusyFraction: null,
    };
  }
}

const limits = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }))
  .map(([min, more]) => ({ min, max: min + more }));
const capacity = fc.integer({ min: 50, max: 20_000 });

function changesOf(history: readonly { wanted: number }[]): number[] {
  return history.flatMap(({ wanted }, index) => {
    const before = history[index - 1]?.wanted ?? wanted;
    return wanted === before ? [] : [wanted - before];
  });
}

describe("the number of workers", () => {
  test("always stays between the least and the most, whatever is measured", () => {
    const measurement = fc.record({
      readyWorkers: fc.integer({ min: 0, max: 30 }),
      requestsPerSecond: fc.integer({ min: 0, max: 50_000 }),
      sustainedRequestsPerSecond: fc.integer({ min: 0, max: 50_000 }),
      lagMs: fc.option(fc.integer({ min: 0, max: 400 })),
      busyFraction: fc.constantFrom(0, 0.4, 0.6, 1),
      machineBusyFraction: fc.constantFrom(null, 0, 0.4, 0.7, 1),
    });
    fc.assert(
      fc.property(limits, fc.array(measurement, { maxLength: 60 }), (range, measurements) => {
        let state = beginScaling(range.min, 0);
        for (const [index, each] of measurements.entries()) {
          const rules = { ...defaultScalingRules, ...range, coolDownMs: 2_000 };
          const decision = decideWorkerCount(state, { ...each, atMs: (index + 1) * intervalMs }, rules);
          expect(decision.state.wanted).toBeGreaterThanOrEqual(range.min);
          expect(decision.state.wanted).toBeLessThanOrEqual(range.max);
          expect(decision.reason !== null).toBe(decision.state.wanted !== state.wanted);
          // Never more than twice and one, never less by more than one, unless the machine is crowded.
          expect(decision.state.wanted).toBeLessThanOrEqual(
            Math.max(state.wanted, 2 * each.readyWorkers + 1),
          );
          const leastNext = decision.state.crowdedSinceMs === null ? state.wanted - 1 : range.min;
          expect(decision.state.wanted).toBeGreaterThanOrEqual(leastNext);
          state = decision.state;
        }
      }),
    );
  });

  test("reaches six from one within three intervals of overload", () => {
    fc.assert(
      fc.property(capacity, (requestsPerSecond) => {
        const cluster = new SimulatedCluster({ min: 1, max: 6 }, requestsPerSecond);
        cluster.run(3, () => 7 * Math.max(requestsPerSecond, 1_500));
        expect(cluster.wanted).toBe(6);
      }),
    );
  });

  test("grows at once to what a known rate needs, and no further", () => {
    const cluster = new SimulatedCluster({ min: 1, max: 6 }, 10_000);
    cluster.run(1, () => 2_000);
    expect(cluster.wanted).toBe(2);
    cluster.run(30, () => 2_000);
    expect(cluster.wanted).toBe(2);
    expect(cluster.history[1]?.reason).toBe("1 worker serves 2,000 requests per second, more than 1,500.");
  });

  test("never goes to and fro under a steady load with noise", () => {
    // Integers, because fast-check draws nearly all doubles close to 0, where nothing happens.
    const percent = (min: number, max: number) => fc.integer({ min, max }).map((value) => value / 100);
    const noise = fc.array(percent(90, 110), { minLength: 120, maxLength: 120 });
    const thresholds = fc
      .tuple(fc.integer({ min: 100, max: 3_000 }), percent(5, 95))
      .map(([up, share]) => ({ upRequestsPerSecond: up, downRequestsPerSecond: up * share }));
    let growths = 0;
    let shrinks = 0;
    fc.assert(
      fc.property(
        fc.tuple(limits, thresholds),
        fc.integer({ min: 50, max: 4_000 }),
        percent(0, 120),
        noise,
        ([range, rules], each, share, factors) => {
          const cluster = new SimulatedCluster({ ...range, ...rules }, each);
          const load = share * range.max * each;
          cluster.run(factors.length, (interval) => load * (factors[interval] ?? 1));
          const changes = changesOf(cluster.history);
          const firstShrink = changes.findIndex((change) => change < 0);
          const after = firstShrink < 0 ? [] : changes.slice(firstShrink);
          growths += changes.filter((change) => change > 0).length;
          shrinks += after.length;
          expect(after.filter((change) => change > 0)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
    // Otherwise this would show nothing. How many there are is chance: as few as 17 of the usual 45 have been seen.
    expect(Math.min(growths, shrinks)).toBeGreaterThan(0);
  });

  test("comes back to the least when nobody asks for anything, one at a time", () => {
    fc.assert(
      fc.property(limits, capacity, (range, each) => {
        const cluster = new SimulatedCluster(range, each, range.max);
        cluster.run((range.max - range.min) * coolDownIntervals + 2, () => 0);
        expect(cluster.wanted).toBe(range.min);
        expect(changesOf(cluster.history).every((change) => change === -1)).toBe(true);
      }),
    );
  });

  test("does not shrink before the load has been low for the whole cool-down", () => {
    const cluster = new SimulatedCluster({ min: 1, max: 6 }, 10_000, 4);
    cluster.run(coolDownIntervals, () => 100);
    cluster.run(1, () => 4 * 700);
    cluster.run(coolDownIntervals, () => 100);
    expect(cluster.wanted).toBe(4);
    cluster.run(1, () => 100);
    expect(cluster.wanted).toBe(3);
  });

  test("does not shrink when those who remain would be close to their limit", () => {
    const cluster = new SimulatedCluster({ min: 1, max: 2 }, 10_000, 2);
    // 590 for each of two is low, but 1,180 for one is not.
    cluster.run(100, () => 1_180);
    expect(cluster.wanted).toBe(1);
    const closer = decideWorkerCount(
      { ...beginScaling(1, 0), wanted: 2, calmSinceMs: 0 },
      {
        atMs: 1e6,
        readyWorkers: 2,
        requestsPerSecond: 1_180,
        sustainedRequestsPerSecond: 1_180,
        lagMs: 0,
        busyFraction: 0.5,
        machineBusyFraction: null,
      },
      { ...defaultScalingRules, upRequestsPerSecond: 1_400, min: 1, max: 2 },
    );
    expect(closer).toMatchObject({ state: { wanted: 2, calmSinceMs: null }, reason: null });
  });
});

describe("event-loop lag", () => {
  const lagging: Measurement = {
    atMs: 1_000,
    readyWorkers: 2,
    requestsPerSecond: 80,
    sustainedRequestsPerSecond: 80,
    lagMs: 250,
    busyFraction: 0.9,
    machineBusyFraction: null,
  };
  const rules = { ...defaultScalingRules, min: 2, max: 8 };

  test("makes the cluster grow when few requests are hard work", () => {
    const { state, reason } = decideWorkerCount(beginScaling(2, 0), lagging, rules);
    expect(state.wanted).toBe(5);
    expect(reason).toBe(
      "2 workers serve 40 requests per second each, and the event loop lags by 250 ms, more than 100 ms.",
    );
  });

  test("is nobody's fault but the machine's when the loops are idle", () => {
    const idle = { ...lagging, busyFraction: 0.1 };
    expect(decideWorkerCount(beginScaling(2, 0), idle, rules).state.wanted).toBe(2);
  });

  test("is remembered: the cluster does not shrink back into it, and tries again much later", () => {
    const calm = (atMs: number): Measurement => ({
      ...lagging,
      atMs,
      readyWorkers: 3,
      lagMs: 5,
      busyFraction: 0.3,
    });
    let state: ScalingState = { ...decideWorkerCount(beginScaling(2, 0), lagging, rules).state, wanted: 3 };
    for (let atMs = 2_000; atMs < 290_000; atMs += 1_000)
      state = decideWorkerCount(state, calm(atMs), rules).state;
    expect(state.wanted).toBe(3);
    for (let atMs = 301_000; atMs < 320_000; atMs += 1_000)
      state = decideWorkerCount(state, calm(atMs), rules).state;
    expect(state.wanted).toBe(2);
  });
});

describe("a machine whose cores are all busy", () => {
  const rules = { ...defaultScalingRules, min: 1, max: 6, cores: 2 };
  const overload = (atMs: number, readyWorkers: number, machineBusyFraction: number): Measurement => ({
    atMs,
    readyWorkers,
    requestsPerSecond: 12_000,
    sustainedRequestsPerSecond: 12_000,
    lagMs: 20,
    busyFraction: 1,
    machineBusyFraction,
  });
  /** Lives through some seconds, all workers being ready at once. */
  const live = (state: ScalingState, fromMs: number, seconds: number, machineBusyFraction: number) => {
    const told: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const measured = overload(fromMs + second * 1_000, state.wanted, machineBusyFraction);
      const decision = decideWorkerCount(state, measured, rules);
      ({ state } = decision);
      if (decision.reason !== null) told.push(decision.reason);
    }
    return { state, told };
  };

  test("is not given more workers than cores", () => {
    expect(live(beginScaling(1, 0), 0, 60, 1).state.wanted).toBe(2);
  });

  test("is given as many as the rate needs while there is room", () => {
    expect(live(beginScaling(1, 0), 0, 60, 0.8).state.wanted).toBe(6);
  });

  test("gives up those beyond its cores when it fills up, and does not take them back at once", () => {
    const roomy = live(beginScaling(1, 0), 0, 10, 0.8);
    const short = live(roomy.state, 10_000, 3, 1);
    expect(short.state.wanted).toBe(6);
    const full = live(short.state, 13_000, 5, 1);
    expect(full.told).toEqual(["All cores are busy: 6 workers on 2 cores are too many."]);
    expect(full.state.wanted).toBe(2);
    expect(live(full.state, 18_000, 30, 0.3).state.wanted).toBe(2);
    expect(live(full.state, 18_000, 3_600, 0.7).state.wanted).toBe(2);
    expect(live(full.state, 18_000, 90, 0.3).state.wanted).toBe(6);
  });

  test("keeps its least number of workers all the same", () => {
    const state = beginScaling(4, 0);
    const { state: after } = decideWorkerCount(state, overload(9_000, 4, 1), { ...rules, min: 4 });
    expect(after.wanted).toBe(4);
  });

  test("that is full for any other reason does not make a calm cluster shrink below its cores", () => {
    const idle = { ...overload(0, 2, 1), requestsPerSecond: 1_500, sustainedRequestsPerSecond: 1_500 };
    let state: ScalingState = { ...beginScaling(1, 0), wanted: 2 };
    for (let atMs = 0; atMs < 100_000; atMs += 1_000)
      ({ state } = decideWorkerCount(state, { ...idle, atMs }, rules));
    expect(state.wanted).toBe(2);
  });
});

test("workers that are on their way are not ordered twice", () => {
  const overload: Measurement = {
    atMs: 1_000,
    readyWorkers: 1,
    requestsPerSecond: 3_000,
    sustainedRequestsPerSecond: 3_000,
    lagMs: 300,
    busyFraction: 1,
    machineBusyFraction: null,
  };
  const rules = { ...defaultScalingRules, min: 1, max: 20 };
  let { state } = decideWorkerCount(beginScaling(1, 0), overload, rules);
  for (let atMs = 2_000; atMs < 9_000; atMs += 1_000) {
    ({ state } = decideWorkerCount(state, { ...overload, atMs }, rules));
  }
  expect(state.wanted).toBe(3);
});

test("nothing is decided while no worker is ready", () => {
  const blind: Measurement = {
    atMs: 60_000,
    readyWorkers: 0,
    requestsPerSecond: 0,
    sustainedRequestsPerSecond: 0,
    lagMs: null,
    busyFraction: 0,
    machineBusyFraction: null,
  };
  const state = { ...beginScaling(1, 0), wanted: 4, calmSinceMs: 1_000 };
  const decision = decideWorkerCount(state, blind, { ...defaultScalingRules, min: 1, max: 6 });
  expect(decision).toEqual({ state: { ...state, calmSinceMs: null }, reason: null });
});
