import type { ChartStyle } from "../../shared/charts/time-chart.tsx";
import { formatCount, formatMeasure, formatMebibytes, formatPercent } from "../../shared/format/numbers.ts";

const formatPercentAxis = (value: number) => `${value} %`;

/** How each chart of the overview is drawn. */
export const chartStyles = {
  requests: {
    lines: [
      { figure: "rps", label: "All", color: 1 },
      { figure: "refused_rps", label: "Refused (4xx)", color: 2, dash: "6 3" },
      { figure: "error_rps", label: "Errors (5xx)", color: 3, dash: "2 2" },
    ],
    format: formatMeasure,
    least: 10,
    height: "high",
  },
  latency: {
    lines: [
      { figure: "p50_ms", label: "p50", color: 4 },
      { figure: "p95_ms", label: "p95", color: 1, dash: "6 3" },
      { figure: "p99_ms", label: "p99", color: 5, dash: "2 2" },
    ],
    format: formatMeasure,
    least: 10,
    height: "high",
  },
  workers: {
    lines: [
      { figure: "workers", label: "Live", color: 1 },
      { figure: "workers_wanted", label: "Wanted", color: 2, dash: "4 3" },
    ],
    format: formatCount,
    least: 2,
    height: "low",
  },
  cpu: {
    lines: [{ figure: "cpu_percent", label: "CPU", color: 1 }],
    format: formatPercent,
    formatAxis: formatPercentAxis,
    least: 100,
    height: "low",
  },
  memory: {
    lines: [{ figure: "memory_bytes", label: "Memory", color: 5 }],
    format: formatMebibytes,
    formatAxis: formatMebibytes,
    least: 200 * 2 ** 20,
    isBytes: true,
    height: "low",
  },
  poolWaiting: {
    lines: [{ figure: "pool_waiting", label: "Waiting", color: 2 }],
    format: formatCount,
    least: 4,
    height: "low",
  },
  connections: {
    lines: [{ figure: "database_connections", label: "Connections", color: 4 }],
    format: formatCount,
    least: 20,
    height: "low",
  },
  databaseLatency: {
    lines: [{ figure: "database_latency_ms", label: "Latency", color: 4 }],
    format: formatMeasure,
    least: 4,
    height: "low",
  },
  eventLoopLag: {
    lines: [{ figure: "event_loop_lag_ms", label: "Lag", color: 5 }],
    format: formatMeasure,
    least: 20,
    height: "low",
  },
  tickets: {
    lines: [
      { figure: "sold", label: "Sold", color: 4 },
      { figure: "held", label: "Held", color: 2, dash: "6 3" },
      { figure: "free", label: "Free", color: 1, dash: "2 2" },
    ],
    format: formatCount,
    least: 10,
    height: "low",
  },
  holds: {
    lines: [{ figure: "holds_per_second", label: "Holds", color: 2 }],
    format: formatMeasure,
    least: 4,
    height: "low",
  },
} as const satisfies Record<string, ChartStyle>;
