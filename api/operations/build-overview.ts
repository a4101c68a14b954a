import { availableParallelism, totalmem } from "node:os";
import type { Overview } from "../contract/dashboard.ts";
import type { JobStatus } from "../kernel/worker-report.ts";
import { rateSeconds, toMs } from "./build-series.ts";
import { latencyBounds } from "./count-answers.ts";
import type { Measured } from "./health-rules.ts";
import type { Judgement } from "./judge-health.ts";
import { countUndonePayments, listQueues, readRecount, sumJobs } from "./list-jobs.ts";
import { measurePercentile } from "./measure-percentile.ts";
import { monotonicMs, toInstant } from "./monotonic-clock.ts";
import { measureBurnRates } from "./burn-rate.ts";
import type { NodeIdentity } from "./operations-ports.ts";
import type { Sample } from "./sampler.ts";
import type { SecondHistory } from "./second-history.ts";

/** Percentiles of fewer seconds would jump when little is asked for. */
const latencySeconds = 10;
/** How long requests must have gone well before they are said to. */
const recentSeconds = 10;
const cpuSeconds = 60;

/** Everything that is known at a moment. */
export interface Known {
  readonly sample: Sample;
  readonly history: SecondHistory;
  readonly jobs: readonly JobStatus[];
  readonly node: NodeIdentity;
}

/** What health is judged by, out of everything that is known. */
export function measureHealth(
  { sample, history, jobs, node }: Known,
  lostNodes: readonly string[],
  startedAtMs: number,
): Measured {
  const nowMs = monotonicMs();
  const { live, wanted, min, max, backOff } = sample.cluster;
  const { isUp, load, stock, overdue } = sample.database;
  const end = history.newest ?? 0;
  return {
    nowMs,
    uptimeMs: nowMs - startedAtMs,
    role: node.role,
    workers: { live, wanted, min, max },
    crashLoop: backOff,
    database: {
      isUp,
      connections: load?.connections ?? null,
      connectionsMax: load?.connectionsMax ?? null,
      longestQuerySeconds: load?.longestQuerySeconds ?? null,
    },
    stock,
    oversold: readOversold({ sample, jobs }),
    mismatches: readRecount(jobs).mismatches,
    overdue,
    paymentsUndone: countUndonePayments(jobs),
    workGivenUp: jobs.reduce((total, { counts }) => total + (counts?.failed ?? 0), 0),
    eventLoopLagMs: sample.eventLoopLagMs,
    cpuPercent: history.mean("cpuPercent", end, cpuSeconds),
    recent: {
      requests: history.sum("requests", end, recentSeconds),
      errors: history.sum("errors", end, recentSeconds),
    },
    burn: measureBurnRates(history),
    lostNodes,
  };
}

/** Oversold tickets by the counters or by the last recount, whichever is worse; null when neither is known. */
export function readOversold({ sample, jobs }: Pick<Known, "sample" | "jobs">): number | null {
  const byCounters = sample.database.stock?.oversold ?? null;
  const byRecount = readRecount(jobs).oversold;
  if (byCounters === null) return byRecount;
  return Math.max(byCounters, byRecount ?? 0);
}

/** The first thing an SRE looks at. */
export function buildOverview({ sample, history, jobs, node }: Known, judgement: Judgement): Overview {
  const { cluster, database, sums } = sample;
  const { load, stock, overdue } = database;
  const { live, wanted, min, max, restarts } = cluster;
  return {
    at: new Date(sample.atMs).toISOString(),
    node: node.name,
    version: node.version,
    ...presentJudgement(judgement),
    ...measureRequests(history),
    workers: { live, wanted, min, max, restarts },
    event_loop_lag_ms: sample.eventLoopLagMs,
    cpu_percent: sample.cpuPercent,
    cores: availableParallelism(),
    memory_bytes: sample.memoryBytes,
    memory_total_bytes: totalmem(),
    pool: sums.pool,
    queue_depth: sums.queueDepth,
    database: {
      up: database.isUp === true,
      latency_ms: database.latencyMs,
      connections: load?.connections ?? null,
      max_connections: load?.connectionsMax ?? null,
      longest_query_seconds: load?.longestQuerySeconds ?? null,
    },
    sales: {
      events: stock?.events ?? null,
      events_on_sale: stock?.eventsOnSale ?? null,
      held: stock?.held ?? null,
      sold: stock?.sold ?? null,
      free: stock === null ? null : Math.max(0, stock.free),
      holds_per_second: rateOf(history, "holds"),
      confirms_per_second: rateOf(history, "confirms"),
    },
    oversold: readOversold({ sample, jobs }),
    holds_overdue: overdue?.count ?? null,
    jobs: sumJobs(listQueues(jobs, overdue?.count ?? null)),
  };
}

function presentJudgement({ status, verdict, sinceMs, firing }: Judgement) {
  return {
    status,
    verdict,
    since: toInstant(sinceMs),
    firing: firing.map((alert) => ({
      name: alert.name,
      severity: alert.severity,
      summary: alert.summary,
      since: toInstant(alert.sinceMs),
    })),
  };
}

function measureRequests(history: SecondHistory) {
  const end = history.newest ?? 0;
  const rps = rateOf(history, "requests");
  const error_rps = rateOf(history, "errors");
  const latencies = history.latencies(end, latencySeconds);
  const percentile = (share: number) => toMs(measurePercentile(latencies, latencyBounds, share));
  return {
    rps,
    refused_rps: rateOf(history, "refused"),
    error_rps,
    error_percent: rps === 0 ? 0 : Math.min(100, (100 * error_rps) / rps),
    latency_ms: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
  };
}

/** For each second; zero before anything was measured. */
export function rateOf(
  history: SecondHistory,
  column: "requests" | "refused" | "errors" | "holds" | "confirms",
): number {
  return history.mean(column, history.newest ?? 0, rateSeconds) ?? 0;
}
