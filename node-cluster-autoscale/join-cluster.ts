import cluster from "node:cluster";
import { AloneLink } from "./alone-link.ts";
import { ClusterLink } from "./cluster-link.ts";
import { takeEnvironment } from "./worker-environment.ts";
import type { WorkerLink } from "./worker-link.ts";

let joined: WorkerLink | null = null;

/**
 * Connects a worker with its primary. A process has one link, however often this is called.
 * In a process that was not started by an AutoscalingCluster the link does nothing.
 */
export function joinCluster(): WorkerLink {
  joined ??= connect();
  return joined;
}

function connect(): WorkerLink {
  const environment = takeEnvironment();
  if (environment === null || cluster.worker === undefined || !process.connected) return new AloneLink();
  return new ClusterLink(cluster.worker, environment);
}
