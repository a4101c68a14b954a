export { AutoscalingCluster } from "./autoscaling-cluster.ts";
export type { BackOffRules } from "./back-off.ts";
export {
  type ClusterEvents,
  type ClusterOptions,
  type ClusterSnapshot,
  ClusterStoppedError,
  type ExitCause,
  type WorkerExited,
  type WorkerReady,
  WorkersFailedError,
  type WorkerSnapshot,
  type WorkerStarted,
  type WorkerState,
} from "./cluster-types.ts";
export {
  beginScaling,
  type Decision,
  decideWorkerCount,
  defaultScalingRules,
  type Measurement,
  type ScalingRules,
  type ScalingState,
} from "./decide-worker-count.ts";
export { joinCluster } from "./join-cluster.ts";
export type { BeginLeading, WorkerLink } from "./worker-link.ts";
