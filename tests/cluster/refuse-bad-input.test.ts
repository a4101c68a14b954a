import fc from "fast-check";
import { AutoscalingCluster, type ClusterOptions } from "node-cluster-autoscale";
import { describe, expect, test } from "vitest";
import { parsePrimaryMessage, parseWorkerMessage, wrap } from "../../node-cluster-autoscale/messages.ts";

describe("options that cannot be used", () => {
  const good: ClusterOptions = { exec: "worker.ts", min: 1, max: 6 };
  const cases: [string, object, string][] = [
    ["more at least than at most", { min: 4, max: 2 }, "min must not be above max, but 4 is above 2."],
    ["no worker", { min: 0 }, "min must be a whole number from 1 to 64, not 0."],
    ["half a worker", { max: 1.5 }, "max must be a whole number from 1 to 64, not 1.5."],
    ["too many workers", { max: 65 }, "max must be a whole number from 1 to 64, not 65."],
    ["a number that is none", { min: Number.NaN }, "min must be a whole number from 1 to 64, not NaN."],
    ["text for a number", { max: "6" }, "max must be a whole number from 1 to 64, not 6."],
    ["no file", { exec: "" }, "exec must be the path of a file."],
    ["time that runs back", { drainMaxMs: -1 }, "drainMaxMs must be a number above 0, not -1."],
    ["time without end", { startMaxMs: Infinity }, "startMaxMs must be a number above 0, not Infinity."],
    [
      "a heart that must beat too fast",
      { hungAfterMs: 500 },
      "hungAfterMs must leave time for three reports, 600 ms, and 500 ms does not.",
    ],
    [
      "thresholds that cross",
      { scaling: { upRequestsPerSecond: 100, downRequestsPerSecond: 100 } },
      "downRequestsPerSecond must be below upRequestsPerSecond, but 100 is not below 100.",
    ],
    ["half a core", { scaling: { cores: 0.5 } }, "cores must be a whole number from 1 on, not 0.5."],
    [
      "a machine that is roomier than full",
      { scaling: { roomyBusyFraction: 0.95 } },
      "roomyBusyFraction must be below fullBusyFraction, both within 0 and 1, not 0.95 and 0.9.",
    ],
    ["a step of nothing", { scaling: { downStep: 0 } }, "downStep must be a whole number from 1 on, not 0."],
    [
      "a pause above its limit",
      { backOff: { firstMs: 900, maxMs: 800 } },
      "firstMs must not be above maxMs, but 900 is above 800.",
    ],
    ["no try", { startTriesMax: 0 }, "startTriesMax must be a whole number from 1 on, not 0."],
  ];

  test.each(cases)("%s: one sentence", (_, bad, sentence) => {
    expect(() => new AutoscalingCluster({ ...good, ...bad })).toThrow(new RangeError(sentence));
  });

  test("usable ones are taken, and show in the snapshot", () => {
    expect(new AutoscalingCluster(good).snapshot()).toMatchObject({
      min: 1,
      max: 6,
      wanted: 1,
      live: 0,
      workers: [],
    });
  });
});

describe("what comes through a channel", () => {
  test("is never believed and never makes the reader fail", () => {
    const almost = fc.record(
      {
        autoscale: fc.constantFrom(1, 2, "1"),
        kind: fc.string(),
        report: fc.anything(),
        payload: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost), (raw) => {
        for (const parsed of [parseWorkerMessage(raw), parsePrimaryMessage(raw)]) {
          expect(parsed.ok ? "" : parsed.reason).toMatch(parsed.ok ? /^$/ : /^A .+\.$/);
        }
      }),
    );
  });

  test("is understood when it is well formed, after a journey as JSON", () => {
    const report = {
      elapsedMs: 200.5,
      requests: 3,
      connections: 2,
      activeConnections: 1,
      cpuMs: 1.5,
      memoryBytes: 5_000,
      lagMs: null,
      busyFraction: 0.5,
      payload: { held: 3 },
    };
    const travel = (message: object): unknown => JSON.parse(JSON.stringify(message));
    expect(parseWorkerMessage(travel(wrap({ kind: "report", report })))).toEqual({
      ok: true,
      message: { kind: "report", report },
    });
    expect(parsePrimaryMessage(travel(wrap({ kind: "retire", idleGraceMs: 250 })))).toEqual({
      ok: true,
      message: { kind: "retire", idleGraceMs: 250 },
    });
  });

  test.each(["requests", "elapsedMs", "lagMs", "busyFraction", "memoryBytes"])(
    "is refused when %s would make a counter go back or nonsense of it",
    (name) => {
      const report = {
        elapsedMs: 200,
        requests: 3,
        connections: 2,
        activeConnections: 1,
        cpuMs: 1,
        memoryBytes: 5_000,
        lagMs: 1,
        busyFraction: 0.5,
      };
      for (const bad of [-1, "1", Number.NaN, Infinity, undefined, {}]) {
        const raw = { autoscale: 1, kind: "report", report: { ...report, [name]: bad } };
        expect(parseWorkerMessage(raw)).toEqual({
          ok: false,
          reason: "A report with a figure that is none.",
        });
      }
    },
  );

  test("brings a failure's own sentence, within bounds", () => {
    const parsed = parseWorkerMessage({ autoscale: 1, kind: "failed", message: "x".repeat(50_000) });
    expect(parsed).toMatchObject({ ok: true, message: { message: "x".repeat(2_000) } });
  });
});
