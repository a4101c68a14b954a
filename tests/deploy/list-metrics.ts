import { metricDefinitions } from "../../api/kernel/metric-definitions.ts";
import type { GaugeValues } from "../../api/operations/metric-gauges.ts";
import { MetricTotals } from "../../api/operations/metric-totals.ts";
import { createMetricsPage } from "../../api/operations/render-metrics.ts";
import { parseExposition } from "../metrics/parse-exposition.ts";

/** A moment at which everything can be measured. */
const gauges: GaugeValues = {
  version: "0.1.0",
  workers: { starting: 0, ready: 1, draining: 0, hung: 0, wanted: 1, min: 1, max: 6 },
  machineCpuPercent: 1,
  workersMemoryBytes: 1,
  eventLoopLagMs: 1,
  queueDepth: 1,
  openStreams: 1,
  pool: { connections: 1, max: 4, waiting: 0 },
  database: { isUp: true, latencyMs: 1, connections: 1, connectionsMax: 100, longestQuerySeconds: 0 },
  oversoldTickets: 0,
  holdsOverdue: 0,
  overdueHoldAgeSeconds: 0,
  stock: [{ eventId: "a", name: "Concert", available: 1, held: 0, sold: 0 }],
  jobs: [{ queue: "sweep", counts: { waiting: 0, running: 0, retrying: 0, failed: 0 } }],
};

/** What Prometheus adds to every series that it reads, and the series that it makes itself. */
const scraped = ["job", "instance"];
const madeByPrometheus = [
  ["up", scraped],
  ["ALERTS", [...scraped, "alertname", "alertstate", "severity", "window"]],
] as const;

/** Every metric that a Prometheus beside the service has, with the labels of its series. */
export async function listMetrics(): Promise<Map<string, ReadonlySet<string>>> {
  const { text } = await createMetricsPage({ totals: countEverythingOnce(), gauges: () => gauges }).render();
  const metrics = new Map<string, Set<string>>(
    madeByPrometheus.map(([name, labels]) => [name, new Set(labels)]),
  );
  for (const { samples } of parseExposition(text)) {
    for (const { name, labels } of samples) {
      const known = metrics.get(name) ?? new Set(scraped);
      metrics.set(name, known.union(new Set(Object.keys(labels))));
    }
  }
  return metrics;
}

/** A series appears when something was counted in it. */
function countEverythingOnce(): MetricTotals {
  const totals = new MetricTotals();
  const deltas = Object.entries(metricDefinitions).map(([name, definition]) => {
    const labels = definition.labels.map((label) => (label === "outcome" ? "held" : "x"));
    if (definition.type === "counter") return { name, labels, value: 1 };
    return { name, labels, counts: [1, ...definition.buckets.map(() => 0)], sum: 0 };
  });
  if (!totals.add(deltas)) throw new Error("A metric could not be counted.");
  return totals;
}
