import type { Nodes, Workers } from "../contract/dashboard-lists.ts";
import type { NodeState } from "./heartbeat.ts";
import type { ClusterSnapshot } from "./operations-ports.ts";

/** The workers of this machine as people see them. */
export function listWorkers(cluster: ClusterSnapshot): Workers {
  const { backOff } = cluster;
  return {
    data: cluster.workers.map((worker) => ({
      id: worker.id,
      pid: worker.pid,
      state: worker.state,
      started_at: new Date(worker.startedAtMs).toISOString(),
      rps: worker.requestsPerSecond,
      requests_total: worker.requestsTotal,
      cpu_percent: worker.cpuPercent,
      memory_bytes: worker.memoryBytes,
      event_loop_lag_ms: worker.eventLoopLagMs,
      restarts: worker.restarts,
      does_jobs: worker.leads,
    })),
    live: cluster.live,
    wanted: cluster.wanted,
    min: cluster.min,
    max: cluster.max,
    restarts_total: cluster.restarts,
    malformed_messages_total: cluster.malformedMessages,
    back_off:
      backOff === null
        ? null
        : {
            failures: backOff.failures,
            next_try_at: new Date(backOff.nextTryAtMs).toISOString(),
            last_exit: backOff.lastExit,
          },
  };
}

/** All machines, this one first. */
export function listNodes(nodes: readonly NodeState[]): Nodes {
  return {
    data: nodes.map((node, index) => ({
      id: node.id,
      name: node.name,
      version: node.version,
      role: node.role,
      state: node.state,
      is_this: index === 0,
      started_at: new Date(node.startedAtMs).toISOString(),
      seen_at: new Date(node.seenAtMs).toISOString(),
      workers_live: node.workersLive,
      workers_wanted: node.workersWanted,
      rps: node.requestsPerSecond,
      cpu_percent: node.cpuPercent,
      memory_bytes: node.memoryBytes,
    })),
  };
}
