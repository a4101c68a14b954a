import { describe, expect, it } from "vitest";
import { metricDefinitions } from "../../api/kernel/metric-definitions.ts";
import { metricDeltas } from "../../api/kernel/metric-deltas.ts";
import { MetricRecorder } from "../../api/kernel/record-metrics.ts";

describe("a recorder", () => {
  it("tells what was added since it was last asked, and only of series that changed", () => {
    const recorder = new MetricRecorder();
    const held = recorder.counter("holdfast_reservations_total", { outcome: "held" });
    recorder.counter("holdfast_reservations_total", { outcome: "sold_out" });
    held.add(2);
    held.add(3);
    expect(recorder.takeDeltas()).toEqual([
      { name: "holdfast_reservations_total", labels: ["held"], value: 5 },
    ]);
    expect(recorder.takeDeltas()).toEqual([]);
    held.add(1);
    expect(recorder.takeDeltas()).toMatchObject([{ value: 1 }]);
  });

  it("has one series for the same labels, in whatever order they are given", () => {
    const recorder = new MetricRecorder();
    recorder
      .histogram("http_request_duration_seconds", { method: "GET", route: "/livez", status_code: "200" })
      .observe(1);
    recorder
      .histogram("http_request_duration_seconds", { status_code: "200", route: "/livez", method: "GET" })
      .observe(2);
    const deltas = recorder.takeDeltas();
    expect(deltas).toMatchObject([{ labels: ["GET", "/livez", "200"], sum: 3 }]);
    expect(metricDeltas.parse(deltas)).toEqual(deltas);
  });

  it("puts a value into the first bucket whose bound is not below it", () => {
    const { buckets } = metricDefinitions.holdfast_batch_size;
    const beyond = Number(buckets.at(-1)) + 1;
    const values = [0, ...buckets, ...buckets.map((bound) => bound + 0.5), beyond];
    for (const value of values) {
      const recorder = new MetricRecorder();
      recorder.histogram("holdfast_batch_size", {}).observe(value);
      const [delta] = recorder.takeDeltas();
      const bucket = [...buckets, Infinity].findIndex((bound) => value <= bound);
      expect(delta?.counts).toEqual([...buckets, Infinity].map((_, index) => Number(index === bucket)));
    }
  });

  it("tells of an observation of 0", () => {
    const recorder = new MetricRecorder();
    recorder.histogram("holdfast_batch_size", {}).observe(0);
    expect(recorder.takeDeltas()).toMatchObject([{ sum: 0 }]);
  });
});
