import { describe, expect, test } from "vitest";
import { BackOff } from "../../node-cluster-autoscale/back-off.ts";
import { measureLoad, ReportWindow } from "../../node-cluster-autoscale/measure-load.ts";
import type { WorkerReport } from "../../node-cluster-autoscale/messages.ts";
import { planShedding } from "../../node-cluster-autoscale/plan-shedding.ts";

function windowOf(...reports: Partial<WorkerReport>[]): ReportWindow {
  const window = new ReportWindow();
  for (const report of reports)
    window.add({
      elapsedMs: 200,
      requests: 0,
      connections: 0,
      activeConnections: 0,
      cpuMs: 0,
      memoryBytes: 1,
      lagMs: 0,
      busyFraction: 0,
      ...report,
    });
  return window;
}

describe("a second of reports", () => {
  test("does not take a burst of 200 ms for a load", () => {
    const burst = windowOf({}, {}, { requests: 2_000, lagMs: 180, busyFraction: 1 }, {}, {});
    expect(burst).toMatchObject({
      sustainedRequestsPerSecond: 0,
      sustainedLagMs: 0,
      requestsPerSecond: 2_000,
    });
    // For people the worst is shown.
    expect(burst.lagMs).toBe(180);
  });

  test("calls nothing sustained after two reports", () => {
    expect(windowOf({ requests: 400 }, {}).sustainedRequestsPerSecond).toBe(0);
    expect(windowOf({ requests: 400 }, { requests: 400 }, { requests: 400 }).sustainedRequestsPerSecond).toBe(
      2_000,
    );
  });

  test("keeps five reports, and none of a worker that fell silent", () => {
    const window = windowOf(
      { requests: 9_999 },
      ...Array.from({ length: 5 }, () => ({ requests: 20, cpuMs: 50 })),
    );
    expect(window).toMatchObject({ requestsPerSecond: 100, cpuPercent: 25 });
    window.clear();
    expect(window).toMatchObject({ requestsPerSecond: 0, cpuPercent: null, lagMs: null });
  });

  test("sums up the rates of all workers, and takes the lag that half of them have", () => {
    const slow = { requests: 20, lagMs: 300, busyFraction: 0.9 };
    const fast = { requests: 100, lagMs: 2, busyFraction: 0.4 };
    const windows = [fast, slow, fast].map((report) => windowOf(report, report, report));
    expect(measureLoad(windows, { nowMs: 5, machineBusyFraction: 0.7 })).toMatchObject({
      atMs: 5,
      readyWorkers: 3,
      requestsPerSecond: 1_100,
      sustainedRequestsPerSecond: 1_100,
      lagMs: 2,
      busyFraction: 0.4,
      machineBusyFraction: 0.7,
    });
    expect(measureLoad([], { nowMs: 5, machineBusyFraction: null })).toMatchObject({
      readyWorkers: 0,
      lagMs: null,
    });
  });
});

describe("connections that are given up", () => {
  test("end spread evenly after a few rounds, and then nobody gives up any", () => {
    let counts = [120, 0, 0, 0];
    let rounds = 0;
    for (; rounds < 10; rounds += 1) {
      const plan = planShedding(counts.map((activeConnections, id) => ({ id, activeConnections })));
      if (plan.size === 0) break;
      const given = [...plan.values()].reduce((sum, count) => sum + count, 0);
      // Clients that connect anew come to all workers in turn.
      counts = counts.map((count, id) => count - (plan.get(id) ?? 0) + given / counts.length);
    }
    expect(rounds).toBeLessThanOrEqual(4);
    expect(Math.max(...counts)).toBeLessThan(40);
  });

  test("come from those above their share, also when only one worker has far too few", () => {
    const workers = [12, 11, 1].map((activeConnections, id) => ({ id, activeConnections }));
    expect(planShedding(workers)).toEqual(
      new Map([
        [0, 4],
        [1, 3],
      ]),
    );
  });

  test("are at most half of what a worker has, and none when there are few", () => {
    expect(
      planShedding([
        { id: 1, activeConnections: 10 },
        { id: 2, activeConnections: 0 },
      ]),
    ).toEqual(new Map([[1, 5]]));
    expect(
      planShedding([
        { id: 1, activeConnections: 4 },
        { id: 2, activeConnections: 1 },
      ]),
    ).toEqual(new Map());
    expect(planShedding([])).toEqual(new Map());
  });
});

describe("starts that fail in a row", () => {
  const rules = { firstMs: 500, maxMs: 3_000, healthyAfterMs: 5_000 };

  test("wait longer and longer, up to a limit, the first not at all", () => {
    const backOff = new BackOff(rules);
    const pauses = [1_000, 2_000, 3_000, 5_000, 8_000, 12_000].map((atMs) =>
      backOff.recordFailure(atMs - 100, atMs, "It failed."),
    );
    expect(pauses).toEqual([0, 500, 1_000, 2_000, 3_000, 3_000]);
    expect(backOff).toMatchObject({
      failures: 6,
      isLooping: true,
      lastExit: "It failed.",
      nextTryAtMs: 15_000,
    });
  });

  test("count once when they began together", () => {
    const backOff = new BackOff(rules);
    expect([1_000, 1_001, 1_002].map((atMs) => backOff.recordFailure(500, atMs, ""))).toEqual([
      0,
      null,
      null,
    ]);
    expect(backOff.failures).toBe(1);
  });

  test("are tried one at a time until one start succeeds", () => {
    const backOff = new BackOff(rules);
    expect(backOff.startsAllowed(0, 2, false)).toBe(Number.POSITIVE_INFINITY);
    backOff.recordFailure(0, 1_000, "");
    expect(backOff.startsAllowed(1_000, 0, false)).toBe(Number.POSITIVE_INFINITY);
    backOff.recordFailure(1_000, 2_000, "");
    expect(backOff.startsAllowed(2_499, 0, false)).toBe(0);
    expect(backOff.startsAllowed(2_500, 0, false)).toBe(1);
    expect(backOff.startsAllowed(2_500, 1, false)).toBe(0);
    expect(backOff.startsAllowed(2_500, 1, true)).toBe(Number.POSITIVE_INFINITY);
    expect(backOff.recover()).toBe(2);
    expect(backOff.startsAllowed(0, 0, false)).toBe(Number.POSITIVE_INFINITY);
  });

  test("do not delay the replacement of a good worker", () => {
    const backOff = new BackOff(rules);
    backOff.recordFailure(0, 1_000, "");
    backOff.recordFailure(1_000, 2_000, "");
    backOff.allowOneNow(2_100);
    expect(backOff.startsAllowed(2_100, 0, false)).toBe(1);
  });
});
