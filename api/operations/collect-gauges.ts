import { type Known, readOversold } from "./build-overview.ts";
import { listQueues } from "./list-jobs.ts";
import type { GaugeValues } from "./metric-gauges.ts";
import type { ClusterWorker } from "./operations-ports.ts";

/** What `/metrics` tells beside the counters. */
export function collectGauges({ sample, jobs, node }: Known): GaugeValues {
  const { cluster, database, sums } = sample;
  const inState = (state: ClusterWorker["state"]) =>
    cluster.workers.filter((worker) => worker.state === state).length;
  const memories = cluster.workers.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  return {
    version: node.version,
    workers: {
      starting: inState("starting"),
      ready: inState("ready"),
      draining: inState("draining"),
      hung: inState("hung"),
      wanted: cluster.wanted,
      min: cluster.min,
      max: cluster.max,
    },
    machineCpuPercent: sample.cpuPercent,
    workersMemoryBytes: memories.length === 0 ? null : memories.reduce((sum, bytes) => sum + bytes, 0),
    eventLoopLagMs: sample.eventLoopLagMs,
    queueDepth: sums.queueDepth,
    openStreams: sums.openStreams,
    pool: sums.pool,
    database: {
      isUp: database.isUp,
      latencyMs: database.latencyMs,
      connections: database.load?.connections ?? null,
      connectionsMax: database.load?.connectionsMax ?? null,
      longestQuerySeconds: database.load?.longestQuerySeconds ?? null,
    },
    oversoldTickets: readOversold({ sample, jobs }),
    holdsOverdue: database.overdue?.count ?? null,
    overdueHoldAgeSeconds: database.overdue === null ? null : (database.overdue.oldestSeconds ?? 0),
    stock: database.busiest,
    jobs: listQueues(jobs, database.overdue?.count ?? null).map(({ name, counts }) => ({
      queue: name,
      counts,
    })),
  };
}
