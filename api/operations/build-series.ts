import type { Series, SeriesPoint } from "../contract/dashboard.ts";
import { latencyBounds } from "./count-answers.ts";
import type { MarkLog } from "./mark-log.ts";
import { measurePercentile } from "./measure-percentile.ts";
import { clockOffsetMs, monotonicMs, toInstant } from "./monotonic-clock.ts";
import type { SecondHistory } from "./second-history.ts";

/** Steps by range, so that no chart has more than 360 points. */
const stepSecondsByMinutes: Readonly<Record<number, number>> = { 5: 2, 15: 3, 60: 10, 360: 60 };
/** Rates over less than this would show when workers report, not what buyers do. */
export const rateSeconds = 5;

/**
 * The figures of the last minutes as points of equal distance, the oldest first.
 *
 * @param minutes 5, 15, 60 or 360
 */
export function buildSeries(history: SecondHistory, marks: MarkLog, minutes: number): Series {
  const step = stepSecondsByMinutes[minutes] ?? 60;
  const newest = history.newest ?? Math.round(monotonicMs() / 1_000);
  // Steps begin at multiples of their length, so that a point does not change when it is asked for again.
  const last = Math.floor(newest / step) * step;
  const count = (minutes * 60) / step;
  const points = Array.from({ length: count }, (_, index) =>
    buildPoint(history, last - (count - 1 - index) * step, step),
  );
  return {
    step_seconds: step,
    points,
    marks: marks.since((last - minutes * 60) * 1_000 + clockOffsetMs()),
  };
}

function buildPoint(history: SecondHistory, end: number, step: number): SeriesPoint {
  const window = Math.max(step, rateSeconds);
  const latencies = history.latencies(end, window);
  const percentile = (share: number) => toMs(measurePercentile(latencies, latencyBounds, share));
  // A time with no sample of its own is unknown, even if the window reaches back to one that has.
  const isKnown = history.last("workers", end, step) !== null;
  const rate = (column: "requests" | "refused" | "errors" | "holds") =>
    isKnown ? history.mean(column, end, window) : null;
  return {
    at: toInstant(end * 1_000),
    rps: rate("requests"),
    refused_rps: rate("refused"),
    error_rps: rate("errors"),
    p50_ms: isKnown ? percentile(0.5) : null,
    p95_ms: isKnown ? percentile(0.95) : null,
    p99_ms: isKnown ? percentile(0.99) : null,
    workers: history.last("workers", end, step),
    workers_wanted: history.last("workersWanted", end, step),
    cpu_percent: history.mean("cpuPercent", end, step),
    memory_bytes: history.mean("memoryBytes", end, step),
    event_loop_lag_ms: history.max("eventLoopLagMs", end, step),
    pool_waiting: history.max("poolWaiting", end, step),
    database_connections: history.max("databaseConnections", end, step),
    database_latency_ms: history.mean("databaseLatencyMs", end, step),
    held: history.last("held", end, step),
    sold: history.last("sold", end, step),
    free: history.last("free", end, step),
    holds_per_second: rate("holds"),
  };
}

/** @param seconds null when nothing was measured */
export function toMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1_000;
}
