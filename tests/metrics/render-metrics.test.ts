import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { operations } from "../../api/contract/operations.ts";
import { metricDefinitions, outcomeNames } from "../../api/kernel/metric-definitions.ts";
import { MetricRecorder } from "../../api/kernel/record-metrics.ts";
import { gaugeDefinitions, type GaugeValues, stockEventsMax } from "../../api/operations/metric-gauges.ts";
import { MetricTotals } from "../../api/operations/metric-totals.ts";
import { createMetricsPage } from "../../api/operations/render-metrics.ts";
import { lintMetrics } from "./lint-metrics.ts";
import { type Family, parseExposition } from "./parse-exposition.ts";

const nothingKnown: GaugeValues = {
  version: "0.1.0",
  workers: { starting: 0, ready: 0, draining: 0, hung: 0, wanted: 1, min: 1, max: 6 },
  machineCpuPercent: null,
  workersMemoryBytes: null,
  eventLoopLagMs: null,
  queueDepth: null,
  openStreams: null,
  pool: null,
  database: {
    isUp: null,
    latencyMs: null,
    connections: null,
    connectionsMax: null,
    longestQuerySeconds: null,
  },
  oversoldTickets: null,
  holdsOverdue: null,
  overdueHoldAgeSeconds: null,
  stock: null,
  jobs: null,
};

const everythingKnown: GaugeValues = {
  version: "0.1.0",
  workers: { starting: 1, ready: 3, draining: 1, hung: 1, wanted: 4, min: 1, max: 6 },
  machineCpuPercent: 62.5,
  workersMemoryBytes: 300_000_000,
  eventLoopLagMs: 12,
  queueDepth: 7,
  openStreams: 3,
  pool: { connections: 9, max: 24, waiting: 2 },
  database: { isUp: true, latencyMs: 1.5, connections: 20, connectionsMax: 100, longestQuerySeconds: 0.25 },
  oversoldTickets: 0,
  holdsOverdue: 3,
  overdueHoldAgeSeconds: 4.5,
  stock: [{ eventId: "b", name: "Concert", available: 5, held: 3, sold: 2 }],
  jobs: [
    { queue: "sweep-overdue-holds", counts: { waiting: 1, running: 0, retrying: 0, failed: 0 } },
    { queue: "audit-stock", counts: { waiting: 0, running: 1, retrying: 0, failed: 0 } },
  ],
};

async function renderPage(gauges: GaugeValues, totals = new MetricTotals()): Promise<Map<string, Family>> {
  const { text } = await createMetricsPage({ totals, gauges: () => gauges }).render();
  const families = parseExposition(text);
  expect(lintMetrics(families)).toEqual([]);
  return new Map(families.map((family) => [family.name, family]));
}

/** A family's samples as text, without its own name. */
function samplesOf(families: Map<string, Family>, name: string): string[] {
  const family = families.get(name);
  if (family === undefined) throw new Error(`There is no ${name}.`);
  return family.samples.map((sample) => {
    const labels = Object.entries(sample.labels).map(([label, value]) => `${label}=${value}`);
    return [sample.name.slice(name.length), labels.join(","), sample.value]
      .filter((part) => part !== "")
      .join(" ");
  });
}

describe("the metrics page", () => {
  it("has every metric of ours, of the process and of Node, and is well-formed", async () => {
    const families = await renderPage(everythingKnown);
    const names = [...Object.keys(metricDefinitions), ...Object.keys(gaugeDefinitions)];
    expect([...families.keys()]).toEqual(expect.arrayContaining(names));
    expect([...families.keys()]).toEqual(
      expect.arrayContaining(["process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"]),
    );
    for (const name of Object.keys(gaugeDefinitions)) expect(families.get(name)?.samples).not.toEqual([]);
  });

  it("names its content type", async () => {
    const page = createMetricsPage({ totals: new MetricTotals(), gauges: () => nothingKnown });
    expect((await page.render()).contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  it("shows counters from 0 on, and what was added since the last time", async () => {
    const totals = new MetricTotals();
    const page = createMetricsPage({ totals, gauges: () => nothingKnown });
    const read = async () => {
      const families = new Map(parseExposition((await page.render()).text).map((each) => [each.name, each]));
      return samplesOf(families, "holdfast_reservations_total");
    };
    expect(await read()).toEqual(outcomeNames.map((outcome) => `outcome=${outcome} 0`));
    totals.add([{ name: "holdfast_reservations_total", labels: ["held"], value: 3 }]);
    expect(await read()).toContain("outcome=held 3");
  });

  it("shows a histogram's buckets cumulatively", async () => {
    const recorder = new MetricRecorder();
    const sizes = recorder.histogram("holdfast_batch_size", {});
    for (const size of [1, 1, 2, 3, 512, 513]) sizes.observe(size);
    const totals = new MetricTotals();
    totals.add(recorder.takeDeltas());
    expect(samplesOf(await renderPage(nothingKnown, totals), "holdfast_batch_size")).toEqual([
      "_bucket le=1 2",
      "_bucket le=2 3",
      "_bucket le=4 4",
      "_bucket le=8 4",
      "_bucket le=16 4",
      "_bucket le=32 4",
      "_bucket le=64 4",
      "_bucket le=128 4",
      "_bucket le=256 4",
      "_bucket le=512 5",
      "_bucket le=+Inf 6",
      "_sum 1032",
      "_count 6",
    ]);
  });

  it("shows each operation's requests apart", async () => {
    const recorder = new MetricRecorder();
    for (const { method, path } of Object.values(operations)) {
      for (const status_code of ["200", "409", "503"]) {
        const labels = { method: method.toUpperCase(), route: path, status_code };
        recorder.histogram("http_request_duration_seconds", labels).observe(0.004);
      }
    }
    const totals = new MetricTotals();
    totals.add(recorder.takeDeltas());
    const samples = samplesOf(await renderPage(nothingKnown, totals), "http_request_duration_seconds");
    expect(samples).toContain(
      "_bucket method=POST,route=/v1/events/{event_id}/reservations,status_code=409,le=0.005 1",
    );
    expect(samples.filter((sample) => sample.startsWith("_count"))).toHaveLength(
      Object.keys(operations).length * 3,
    );
  });

  it("shows each gauge in its base unit", async () => {
    const families = await renderPage(everythingKnown);
    const shown = (name: string) => samplesOf(families, name);
    expect(shown("holdfast_workers")).toEqual([
      "state=starting 1",
      "state=ready 3",
      "state=draining 1",
      "state=hung 1",
    ]);
    expect(shown("holdfast_workers_wanted")).toEqual(["4"]);
    expect(shown("holdfast_machine_cpu_ratio")).toEqual(["0.625"]);
    expect(shown("holdfast_overdue_hold_age_seconds")).toEqual(["4.5"]);
    expect(shown("holdfast_workers_event_loop_lag_seconds")).toEqual(["0.012"]);
    expect(shown("db_client_connection_pending_requests")).toEqual(["2"]);
    expect(shown("holdfast_database_up")).toEqual(["1"]);
    expect(shown("holdfast_oversold_tickets")).toEqual(["0"]);
    expect(shown("holdfast_stock")).toEqual([
      "event=Concert,state=available 5",
      "event=Concert,state=held 3",
      "event=Concert,state=sold 2",
    ]);
    expect(shown("holdfast_jobs")).toContain("queue=audit-stock,state=running 1");
    expect(shown("holdfast_build_info")).toEqual([`version=0.1.0,node_version=${process.version} 1`]);
  });

  it("leaves out what could not be measured, instead of calling it 0", async () => {
    const families = await renderPage(nothingKnown);
    const present = Object.keys(gaugeDefinitions).filter((name) => families.get(name)?.samples.length !== 0);
    expect(present).toEqual([
      "holdfast_build_info",
      "holdfast_workers",
      "holdfast_workers_wanted",
      "holdfast_workers_min",
      "holdfast_workers_max",
    ]);
    const down = { ...nothingKnown, database: { ...nothingKnown.database, isUp: false } };
    expect(samplesOf(await renderPage(down), "holdfast_database_up")).toEqual(["0"]);
  });

  it("is well-formed whatever the events are called", async () => {
    const name = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("same", "same (2)", "", 'a\n"\\'));
    const sale = fc.record({
      eventId: fc.uuid(),
      name,
      available: fc.nat(),
      held: fc.nat(),
      sold: fc.nat(),
    });
    const check = fc.asyncProperty(fc.array(sale, { maxLength: 30 }), async (stock) => {
      const { samples = [] } = (await renderPage({ ...nothingKnown, stock })).get("holdfast_stock") ?? {};
      expect(samples).toHaveLength(Math.min(stock.length, stockEventsMax) * 3);
      for (const { labels } of samples) expect(labels["event"]?.length).toBeLessThanOrEqual(170);
    });
    await fc.assert(check, { numRuns: 30 });
  });

  it("shows only the first events, and tells those of one name apart by their age", async () => {
    const stock = Array.from({ length: 30 }, (_, index) => ({
      eventId: `id ${String(99 - index)}`,
      name: index < 2 ? "Gala" : `Show ${index}`,
      available: index,
      held: 0,
      sold: 0,
    }));
    const samples = samplesOf(await renderPage({ ...nothingKnown, stock }), "holdfast_stock");
    expect(samples).toHaveLength(stockEventsMax * 3);
    expect(samples).toContain("event=Gala,state=available 1");
    expect(samples).toContain("event=Gala (2),state=available 0");
    expect(samples.some((sample) => sample.includes("Show 25"))).toBe(false);
  });
});
