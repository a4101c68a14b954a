import { collectDefaultMetrics, type Metric, Registry } from "prom-client";
import { type MetricDefinition, metricDefinitions, type MetricName } from "../kernel/metric-definitions.ts";
import { type GaugeDefinition, gaugeDefinitions, type GaugeValues } from "./metric-gauges.ts";
import type { MetricTotals, SeriesTotal } from "./metric-totals.ts";

/** The text of `/metrics`, in the exposition format of Prometheus. */
export interface MetricsPage {
  /** Reads nothing but this process's memory, so neither a stalled worker nor a stopped database can delay it. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** One line of the page. */
interface Sample {
  /** The metric's own name when absent. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** These sum up what stands beside them, under names that belong to counters, which they are not. */
const misnamedGauges = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/**
 * Prepares the page. Make one for a process: the figures of Node itself are measured from then on.
 *
 * @param options.gauges tells what is known at the moment; it is asked once for each page
 */
export function createMetricsPage(options: {
  readonly totals: MetricTotals;
  readonly gauges: () => GaugeValues;
}): MetricsPage {
  const registry = new Registry();
  let gauges: GaugeValues | null = null;
  for (const [name, definition] of Object.entries<MetricDefinition>(metricDefinitions)) {
    const read = () => options.totals.series(name as MetricName);
    const { type, help, buckets = [] } = definition;
    register(registry, { name, help, type }, () =>
      type === "counter"
        ? read().map(asSample)
        : read().flatMap((series) => asBuckets(name, buckets, series)),
    );
  }
  for (const [name, { help, read }] of Object.entries<GaugeDefinition>(gaugeDefinitions)) {
    register(registry, { name, help, type: "gauge" }, () => (gauges === null ? [] : read(gauges)));
  }
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedGauges) registry.removeSingleMetric(name);
  return {
    render: async () => {
      gauges = options.gauges();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

/** Adds a metric whose samples are made when they are asked for. */
function register(
  registry: Registry,
  metric: { readonly name: string; readonly help: string; readonly type: string },
  read: () => readonly Sample[],
): void {
  // The registry asks no more of a metric than this; its types name only the classes that count by themselves.
  const custom = { ...metric, get: async () => ({ ...metric, values: read() }) };
  registry.registerMetric(custom as unknown as Metric);
}

function asSample({ labels, value }: SeriesTotal): Sample {
  return { labels, value };
}

/** A histogram's series: each bucket counts all that is under its bound, so the last one counts everything. */
function asBuckets(name: string, bounds: readonly number[], { labels, counts, sum }: SeriesTotal): Sample[] {
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    count += inBucket;
    const bound = bounds[index];
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bound === undefined ? "+Inf" : String(bound) },
      value: count,
    };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
