import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Measured } from "../../api/operations/health-rules.ts";
import { judgeHealth, type Judgement } from "../../api/operations/judge-health.ts";

const healthy: Measured = {
  nowMs: 1_000_000,
  uptimeMs: 600_000,
  role: "all",
  workers: { live: 3, wanted: 3, min: 1, max: 6 },
  crashLoop: null,
  database: { isUp: true, connections: 10, connectionsMax: 100, longestQuerySeconds: 0 },
  stock: { events: 2, eventsOnSale: 2, eventsPaused: 0 },
  oversold: 0,
  mismatches: 0,
  overdue: { count: 0, oldestSeconds: null },
  paymentsUndone: 0,
  workGivenUp: 0,
  eventLoopLagMs: 3,
  cpuPercent: 20,
  recent: { requests: 100, errors: 0 },
  burn: { fast: 0, slow: 0 },
  lostNodes: [],
};

/** Judges one measurement after the other, each so many seconds after the one before. */
function judgeAll(...steps: [afterSeconds: number, change: Partial<Measured>][]): Judgement {
  let nowMs = healthy.nowMs;
  let judgement: Judgement | null = null;
  for (const [afterSeconds, change] of steps) {
    nowMs += afterSeconds * 1_000;
    judgement = judgeHealth({ ...healthy, ...change, nowMs }, judgement);
  }
  if (judgement === null) throw new Error("Nothing was judged.");
  return judgement;
}

const judge = (change: Partial<Measured>) => judgeAll([0, change]);
const names = ({ firing }: Judgement) => firing.map(({ name }) => name);
const connections = (percent: number): Partial<Measured> => ({
  database: { ...healthy.database, connections: percent },
});

describe("the verdict", () => {
  test("says in one sentence that all is well", () => {
    expect(judge({})).toMatchObject({
      status: "ok",
      verdict: "Selling normally, 3 of 6 workers, 0 oversold",
      firing: [],
    });
  });

  test.each<[string, Partial<Measured>, string]>([
    ["no event", { stock: { events: 0, eventsOnSale: 0, eventsPaused: 0 } }, "Ready, no event yet"],
    [
      "a paused sale",
      { stock: { events: 3, eventsOnSale: 2, eventsPaused: 1 } },
      "Selling, 1 event paused, 3 of 6 workers",
    ],
    [
      "only paused sales",
      { stock: { events: 2, eventsOnSale: 0, eventsPaused: 2 } },
      "Ready, nothing is on sale, 2 events paused",
    ],
    ["a machine for jobs", { role: "jobs" }, "Doing background work, 3 of 6 workers"],
    [
      "stock that is not known yet",
      { stock: null, oversold: null },
      "Serving, the stock is not added up yet, 3 of 6 workers, oversold not known",
    ],
  ])("speaks of %s without alarm", (_what, change, verdict) => {
    const judged = judge(change);
    expect(judged).toMatchObject({ status: "ok", firing: [] });
    expect(judged.verdict).toContain(verdict);
  });

  test("says the worst first, and how much more there is", () => {
    const { status, verdict } = judge({
      oversold: 2,
      database: { ...healthy.database, longestQuerySeconds: 61 },
      lostNodes: ["b"],
    });
    expect(status).toBe("degraded");
    expect(verdict).toBe("2 tickets are oversold, and 1 more trouble: 3 of 6 workers, 2 oversold");
  });

  test("tells that sales go on when a warning fires", () => {
    expect(judge({ database: { ...healthy.database, longestQuerySeconds: 61 } }).verdict).toBe(
      "Selling, but a database query has been running for more than a minute: 3 of 6 workers, 0 oversold",
    );
  });

  test("says that it is starting until the database was asked and a worker is ready", () => {
    const database = { ...healthy.database, isUp: null };
    expect(judge({ database, uptimeMs: 100 })).toMatchObject({ status: "degraded" });
    const starting = judge({ workers: { ...healthy.workers, live: 0 }, uptimeMs: 100 });
    expect(starting).toMatchObject({ status: "degraded", verdict: expect.stringMatching(/^Starting/) });
  });
});

describe("the status", () => {
  test.each<[string, Partial<Measured>, string]>([
    ["the database is away", { database: { ...healthy.database, isUp: false } }, "PostgreSQLDown"],
    ["no worker is ready", { workers: { ...healthy.workers, live: 0 } }, "NoLiveWorkers"],
  ])("is down when %s", (_what, change, name) => {
    const judged = judge(change);
    expect(judged.status).toBe("down");
    expect(names(judged)).toContain(name);
  });

  test("is told with the moment since when it has been so", () => {
    const down: Partial<Measured> = { database: { ...healthy.database, isUp: false } };
    expect(judgeAll([0, {}], [5, {}]).sinceMs).toBe(healthy.nowMs);
    expect(judgeAll([0, {}], [5, down], [5, down]).sinceMs).toBe(healthy.nowMs + 5_000);
    expect(judgeAll([0, {}], [5, down], [5, {}]).sinceMs).toBe(healthy.nowMs + 10_000);
  });

  test("is degraded while requests fail, before any error budget is spent", () => {
    const failing: Partial<Measured> = { recent: { requests: 100, errors: 30 } };
    expect(judge(failing)).toMatchObject({
      status: "degraded",
      verdict: "25 % or more of the requests fail: 3 of 6 workers, 0 oversold",
    });
    // One failure among few requests proves nothing; one that lingers keeps the warning up.
    expect(judge({ recent: { requests: 3, errors: 1 } }).status).toBe("ok");
    expect(judgeAll([0, failing], [1, { recent: { requests: 200, errors: 1 } }]).status).toBe("degraded");
    expect(judgeAll([0, failing], [1, { recent: { requests: 200, errors: 0 } }]).status).toBe("ok");
  });
});

describe("an alert", () => {
  test("on connections fires at 80 and 90 % and clears at 70 and 80", () => {
    const steps = (...percents: number[]) =>
      judgeAll(...percents.map((percent): [number, Partial<Measured>] => [5, connections(percent)]));
    expect(names(steps(79, 79))).toEqual([]);
    expect(names(steps(80))).toEqual([]);
    expect(steps(80, 80).firing).toMatchObject([{ name: "ConnectionsHigh", severity: "warning" }]);
    expect(steps(80, 80, 70).firing).toMatchObject([{ severity: "warning" }]);
    expect(steps(80, 80, 69).firing).toEqual([]);
    expect(steps(95, 95).firing).toMatchObject([{ severity: "critical" }]);
    expect(steps(95, 95, 80).firing).toMatchObject([{ severity: "critical" }]);
    expect(steps(95, 95, 79).firing).toMatchObject([{ severity: "warning" }]);
  });

  test("keeps the moment when its cause began", () => {
    const { firing } = judgeAll([0, {}], [1, connections(85)], [5, connections(86)], [60, connections(75)]);
    expect(firing).toMatchObject([{ name: "ConnectionsHigh", sinceMs: healthy.nowMs + 1_000 }]);
  });

  test("with a delay does not fire for what passes before", () => {
    const busy: Partial<Measured> = { cpuPercent: 85 };
    expect(names(judgeAll([0, busy], [599, busy]))).toEqual([]);
    expect(names(judgeAll([0, busy], [600, busy]))).toEqual(["CpuHigh"]);
    expect(names(judgeAll([0, busy], [300, {}], [300, busy]))).toEqual([]);
    expect(names(judgeAll([0, busy], [600, busy], [1, { cpuPercent: 71 }]))).toEqual(["CpuHigh"]);
    expect(names(judgeAll([0, busy], [600, busy], [1, { cpuPercent: 70 }]))).toEqual([]);
    const full: Partial<Measured> = { workers: { live: 6, wanted: 6, min: 1, max: 6 } };
    expect(names(judgeAll([0, full], [119, full]))).toEqual([]);
    expect(names(judgeAll([0, full], [120, full]))).toEqual(["ScaledToMax"]);
    const fixed: Partial<Measured> = { workers: { live: 6, wanted: 6, min: 6, max: 6 } };
    expect(names(judgeAll([0, fixed], [120, fixed]))).toEqual([]);
  });

  test.each<[name: string, seconds: number, bad: Partial<Measured>, good: Partial<Measured>]>([
    ["EventLoopLagHigh", 5, { eventLoopLagMs: 101 }, { eventLoopLagMs: 100 }],
    [
      "HoldSweeperStalled",
      2,
      { overdue: { count: 4, oldestSeconds: 5.5 } },
      { overdue: { count: 4, oldestSeconds: 5 } },
    ],
    [
      "LongQuery",
      0,
      { database: { ...healthy.database, longestQuerySeconds: 60.5 } },
      { database: { ...healthy.database, longestQuerySeconds: 60 } },
    ],
    ["ErrorBudgetBurn", 0, { burn: { fast: 14.4, slow: 0 } }, { burn: { fast: 14.3, slow: 5.9 } }],
    ["ErrorBudgetBurn", 0, { burn: { fast: 0, slow: 6 } }, { burn: { fast: 14.3, slow: 5.9 } }],
    ["PaymentsStuck", 600, { paymentsUndone: 1 }, { paymentsUndone: 0 }],
    ["WorkGivenUp", 600, { workGivenUp: 1 }, { workGivenUp: 0 }],
    ["TicketsOversold", 0, { oversold: 1 }, { oversold: 0 }],
    ["TicketsOversold", 0, { mismatches: 1 }, { mismatches: 0 }],
    ["WorkersCrashLooping", 0, { crashLoop: { failures: 3, lastExit: "code 1" } }, {}],
    ["NodeLost", 5, { lostNodes: ["b"] }, {}],
  ])("%s fires after %i s on the far side of its threshold only", (name, seconds, bad, good) => {
    expect(names(judgeAll([0, bad], [seconds, bad]))).toEqual([name]);
    expect(names(judgeAll([0, good], [seconds, good]))).toEqual([]);
  });

  test("on oversold tickets stays when nothing can be measured any more", () => {
    const away: Partial<Measured> = {
      oversold: null,
      mismatches: null,
      stock: null,
      database: { isUp: false, connections: null, connectionsMax: null, longestQuerySeconds: null },
    };
    expect(names(judgeAll([0, { oversold: 3 }], [1, away]))).toEqual(["TicketsOversold", "PostgreSQLDown"]);
    expect(names(judgeAll([0, {}], [1, away]))).toEqual(["PostgreSQLDown"]);
  });
});

describe("whatever is measured", () => {
  const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });
  const measurement: fc.Arbitrary<Partial<Measured>> = fc.record({
    uptimeMs: fc.constantFrom(100, 600_000),
    role: fc.constantFrom("all", "api", "jobs"),
    workers: fc.constantFrom(
      { live: 0, wanted: 1, min: 1, max: 6 },
      { live: 3, wanted: 3, min: 1, max: 6 },
      { live: 6, wanted: 6, min: 1, max: 6 },
    ),
    crashLoop: orNull(fc.constant({ failures: 2, lastExit: "code 1" })),
    database: fc.record({
      isUp: orNull(fc.boolean()),
      connections: orNull(fc.integer({ min: 0, max: 100 })),
      connectionsMax: orNull(fc.constant(100)),
      longestQuerySeconds: orNull(fc.integer({ min: 0, max: 120 })),
    }),
    stock: orNull(fc.record({ events: fc.nat(3), eventsOnSale: fc.nat(3), eventsPaused: fc.nat(3) })),
    oversold: orNull(fc.nat(2)),
    mismatches: orNull(fc.nat(2)),
    overdue: orNull(fc.record({ count: fc.nat(9), oldestSeconds: orNull(fc.nat(10)) })),
    paymentsUndone: fc.nat(2),
    workGivenUp: fc.nat(2),
    eventLoopLagMs: orNull(fc.nat(200)),
    cpuPercent: orNull(fc.nat(100)),
    recent: fc.record({ requests: fc.constant(100), errors: fc.nat(100) }),
    burn: fc.record({ fast: fc.nat(20), slow: fc.nat(10) }),
    lostNodes: fc.constantFrom([], ["b"]),
  });
  const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), measurement), {
    minLength: 1,
    maxLength: 12,
  });

  /** What contradicts itself in a judgement. */
  function complain(measured: Measured, before: Judgement | null, judgement: Judgement): string[] {
    const { status, verdict, firing, sinceMs } = judgement;
    const ranks = firing.map(({ severity }) => severity);
    const restarted = firing.filter(({ name, sinceMs: since }) => {
      const earlier = before?.firing.find((alert) => alert.name === name);
      return earlier !== undefined && earlier.sinceMs !== since;
    });
    const rules: [complaint: string, isBroken: boolean][] = [
      ["it says normally when it is not", verdict.includes("normally") && status !== "ok"],
      ["it is ok while an alert fires", status === "ok" && firing.length > 0],
      ["it is not down without a database", measured.database.isUp === false && status !== "down"],
      ["it hides oversold tickets", (measured.oversold ?? 0) > 0 && !verdict.includes("oversold")],
      ["it has been so since later than now", sinceMs > measured.nowMs],
      ["it has not changed, but its moment has", before?.status === status && before.sinceMs !== sinceMs],
      ["a warning stands before a critical alert", ranks.join() !== ranks.toSorted().join()],
      ["an alert that goes on has begun again", restarted.length > 0],
    ];
    return rules.filter(([, isBroken]) => isBroken).map(([complaint]) => complaint);
  }

  test("the verdict, the status and the alerts agree", () => {
    fc.assert(
      fc.property(history, (steps) => {
        let nowMs = 0;
        let before: Judgement | null = null;
        for (const [seconds, change] of steps) {
          nowMs += seconds * 1_000;
          const measured = { ...healthy, ...change, nowMs };
          const judgement = judgeHealth(measured, before);
          expect(complain(measured, before, judgement)).toEqual([]);
          before = judgement;
        }
      }),
    );
  });

  test("judging the same again changes nothing", () => {
    fc.assert(
      fc.property(history, measurement, (steps, last) => {
        const once = judgeAll(...steps, [1, last]);
        const twice = judgeAll(...steps, [1, last], [0, last]);
        expect(twice).toEqual(once);
      }),
    );
  });
});
