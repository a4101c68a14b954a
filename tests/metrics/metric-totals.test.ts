import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricDefinitions, type MetricName, outcomeNames } from "../../api/kernel/metric-definitions.ts";
import { MetricRecorder } from "../../api/kernel/record-metrics.ts";
import { MetricTotals } from "../../api/operations/metric-totals.ts";

type Observation =
  | { readonly kind: "count"; readonly outcome: (typeof outcomeNames)[number]; readonly amount: number }
  | { readonly kind: "observe"; readonly route: string; readonly value: number };

/** Sixteenths, so that sums are exact in whatever order they are made. */
const sixteenths = fc.integer({ min: 0, max: 400 }).map((value) => value / 16);
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({
    kind: fc.constant("count" as const),
    outcome: fc.constantFrom(...outcomeNames),
    amount: fc.integer({ min: 1, max: 1_000 }),
  }),
  fc.record({
    kind: fc.constant("observe" as const),
    route: fc.constantFrom("/v1/events", "unmatched", 'strange","route'),
    value: sixteenths,
  }),
);
/** Each observation with the process that makes it, and whether that one tells the supervisor afterwards. */
const history = fc.array(fc.tuple(observation, fc.nat({ max: 3 }), fc.boolean()), { maxLength: 60 });

function record(recorder: MetricRecorder, made: Observation): void {
  if (made.kind === "count")
    recorder.counter("holdfast_reservations_total", { outcome: made.outcome }).add(made.amount);
  else {
    const labels = { method: "GET", route: made.route, status_code: "200" };
    recorder.histogram("http_request_duration_seconds", labels).observe(made.value);
  }
}

function everythingIn(totals: MetricTotals) {
  const names = Object.keys(metricDefinitions) as MetricName[];
  return names.flatMap((name) => {
    const series = totals.series(name).map((each) => ({ name, ...each }));
    return series.sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1));
  });
}

describe("the totals", () => {
  it("are the sum of what all processes counted, however that was split, and never go back", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const processes = Array.from({ length: 4 }, () => new MetricRecorder());
        const alone = new MetricRecorder();
        const totals = new MetricTotals();
        let before = everythingIn(totals);
        for (const [made, index, tells] of steps) {
          const recorder = processes[index] ?? alone;
          record(recorder, made);
          record(alone, made);
          expect(totals.add(tells ? recorder.takeDeltas() : [])).toBe(true);
          const after = everythingIn(totals);
          for (const series of before) expect(after.some((later) => isAtLeast(later, series))).toBe(true);
          before = after;
        }
        for (const recorder of processes) totals.add(recorder.takeDeltas());
        const atOnce = new MetricTotals();
        atOnce.add(alone.takeDeltas());
        expect(everythingIn(totals)).toEqual(everythingIn(atOnce));
      }),
      { numRuns: 100 },
    );
  });

  it("are the same after they were saved as JSON and restored", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const recorder = new MetricRecorder();
        for (const [made] of steps) record(recorder, made);
        const totals = new MetricTotals();
        totals.add(recorder.takeDeltas());
        const restored = new MetricTotals();
        expect(restored.restore(JSON.parse(JSON.stringify(totals.save())))).toBe(true);
        expect(everythingIn(restored)).toEqual(everythingIn(totals));
        expect(restored.save()).toEqual(totals.save());
      }),
      { numRuns: 100 },
    );
  });

  it("keep what was counted before they were restored", () => {
    const saved = new MetricTotals();
    saved.add([{ name: "holdfast_reservations_total", labels: ["held"], value: 5 }]);
    const totals = new MetricTotals();
    totals.add([{ name: "holdfast_reservations_total", labels: ["held"], value: 2 }]);
    expect(totals.restore(saved.save())).toBe(true);
    expect(valueOf(totals, "held")).toBe(7);
  });

  it("start at 0 for every outcome and every metric without labels", () => {
    const totals = new MetricTotals();
    expect(totals.series("holdfast_reservations_total").map(({ labels, value }) => [labels, value])).toEqual(
      outcomeNames.map((outcome) => [{ outcome }, 0]),
    );
    expect(totals.series("holdfast_worker_restarts_total")).toMatchObject([{ labels: {}, value: 0 }]);
    expect(totals.series("holdfast_batch_size")).toMatchObject([{ labels: {}, sum: 0 }]);
    expect(totals.series("http_request_duration_seconds")).toEqual([]);
  });

  it("that were handed out do not change later", () => {
    const totals = new MetricTotals();
    const before = totals.series("holdfast_batch_size");
    const copy = structuredClone(before);
    const recorder = new MetricRecorder();
    recorder.histogram("holdfast_batch_size", {}).observe(3);
    totals.add(recorder.takeDeltas());
    expect(before).toEqual(copy);
    expect(totals.series("holdfast_batch_size")).toMatchObject([{ sum: 3 }]);
  });
});

describe("deltas that are malformed", () => {
  const good = { name: "holdfast_reservations_total", labels: ["held"], value: 1 };
  const buckets = metricDefinitions.holdfast_batch_size.buckets.length;
  const zeros = Array.from({ length: buckets + 1 }, () => 0);

  it.each<[string, unknown]>([
    ["no list", { name: "holdfast_reservations_total" }],
    ["nothing", undefined],
    ["an entry that is none", [good, null]],
    ["an unknown name", [good, { ...good, name: "holdfast_unheard_of_total" }]],
    ["the name of something every object has", [good, { ...good, name: "constructor" }]],
    ["too few labels", [good, { ...good, labels: [] }]],
    ["too many labels", [good, { ...good, labels: ["held", "held"] }]],
    ["a label that is no text", [good, { ...good, labels: [1] }]],
    ["a label that is too long", [good, { ...good, labels: ["x".repeat(1_000)] }]],
    ["a value below zero", [good, { ...good, value: -1 }]],
    ["a value that is no number", [good, { ...good, value: Number.NaN }]],
    ["an endless value", [good, { ...good, value: Infinity }]],
    ["a counter without value", [good, { name: good.name, labels: good.labels }]],
    ["a counter with buckets", [good, { ...good, counts: zeros, sum: 0 }]],
    ["a histogram with a value", [good, { name: "holdfast_batch_size", labels: [], value: 1 }]],
    ["a histogram without sum", [good, { name: "holdfast_batch_size", labels: [], counts: zeros }]],
    ["too few buckets", [good, { name: "holdfast_batch_size", labels: [], counts: zeros.slice(1), sum: 0 }]],
    [
      "a broken count",
      [good, { name: "holdfast_batch_size", labels: [], counts: zeros.with(0, 0.5), sum: 0 }],
    ],
    ["a member too many", [good, { ...good, more: 1 }]],
    ["too many entries", Array.from({ length: 5_001 }, () => good)],
  ])("are refused as a whole: %s", (_what, deltas) => {
    const totals = new MetricTotals();
    totals.add([{ ...good, value: 3 }]);
    const before = everythingIn(totals);
    expect(totals.add(deltas)).toBe(false);
    expect(everythingIn(totals)).toEqual(before);
  });

  it("are refused when they would make more series than there can be", () => {
    const totals = new MetricTotals();
    const madeUp = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...good, labels: [`made up ${from + index}`] }));
    expect(totals.add(madeUp(0, 4_900))).toBe(true);
    expect(totals.add(madeUp(4_900, 200))).toBe(false);
    expect(totals.add([good])).toBe(true);
  });

  it.each<[string, (saved: Record<string, unknown>) => unknown]>([
    ["nothing", () => null],
    ["another version", (saved) => ({ ...saved, version: 2 })],
    ["no series", (saved) => ({ ...saved, series: undefined })],
    ["a series that is malformed", (saved) => ({ ...saved, series: [{ ...good, value: "1" }] })],
    ["a counter with buckets", (saved) => ({ ...saved, series: [good, { ...good, sum: 1 }] })],
  ])("are refused as a whole when they are restored: %s", (_what, spoil) => {
    const totals = new MetricTotals();
    totals.add([good]);
    const before = everythingIn(totals);
    expect(totals.restore(spoil(totals.save() as Record<string, unknown>))).toBe(false);
    expect(everythingIn(totals)).toEqual(before);
  });

  it("of a version with other metrics or other buckets are left out, and the rest is kept", () => {
    const old = new MetricTotals();
    const recorder = new MetricRecorder();
    recorder.histogram("holdfast_batch_size", {}).observe(1);
    recorder.counter("holdfast_reservations_total", { outcome: "held" }).add(1);
    old.add(recorder.takeDeltas());
    const saved = old.save() as { buckets: Record<string, number[]>; series: object[] };
    saved.buckets["holdfast_batch_size"] = [...zeros.keys()].slice(1).map((bound) => bound * 3);
    saved.series.push({ name: "holdfast_of_old_total", labels: [], value: 1 });
    const totals = new MetricTotals();
    expect(totals.restore(saved)).toBe(true);
    expect(valueOf(totals, "held")).toBe(1);
    expect(totals.series("holdfast_batch_size")).toMatchObject([{ sum: 0 }]);
  });
});

function valueOf(totals: MetricTotals, outcome: string): number | undefined {
  return totals.series("holdfast_reservations_total").find(({ labels }) => labels["outcome"] === outcome)
    ?.value;
}

type Series = ReturnType<typeof everythingIn>[number];

function isAtLeast(later: Series, earlier: Series): boolean {
  return (
    later.name === earlier.name &&
    JSON.stringify(later.labels) === JSON.stringify(earlier.labels) &&
    later.value >= earlier.value &&
    later.sum >= earlier.sum &&
    later.counts.every((count, index) => count >= (earlier.counts[index] ?? 0))
  );
}
