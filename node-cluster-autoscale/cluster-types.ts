import type { BackOffRules } from "./back-off.ts";
import type { ScalingRules } from "./decide-worker-count.ts";

export interface ClusterOptions {
  /** The file that every worker runs. */
  readonly exec: string;
  readonly args?: readonly string[];
  /** Options for Node itself; those of this process when left out. */
  readonly execArgv?: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many workers there are at least and at most, 1 to 64. */
  readonly min: number;
  readonly max: number;
  readonly scaling?: Partial<ScalingRules>;
  /** How often workers report. Reports are also their sign of life. */
  readonly reportEveryMs?: number;
  /** How often the number of workers is decided. */
  readonly decideEveryMs?: number;
  /** How long a worker may take to become ready. */
  readonly startMaxMs?: number;
  /** How long a worker may take to finish when it is told to go; after that it is killed. */
  readonly drainMaxMs?: number;
  /** A worker that has not reported for so long is killed and replaced. */
  readonly hungAfterMs?: number;
  readonly backOff?: Partial<BackOffRules>;
  /** start() gives up after so many failures in a row, when no worker was ever ready. */
  readonly startTriesMax?: number;
  /**
   * Whether each worker has a thread that ends it when the primary is gone and the worker is too stuck to notice.
   * True when left out; costs about 9 MB for each worker.
   */
  readonly guardOrphans?: boolean;
}

export type WorkerState = "starting" | "ready" | "draining" | "hung";

/**
 * Why a worker ended: by itself or by someone else's doing (crashed), by this package because it was silent (hung)
 * or too slow to start or to drain, or because it was told to, to shrink (retired) or to stop (stopped).
 */
export type ExitCause = "crashed" | "hung" | "start_timeout" | "drain_timeout" | "retired" | "stopped";

export interface WorkerSnapshot {
  /** Never used again in this cluster. */
  readonly id: number;
  /** 1 to max; a replacement takes the place of the worker it replaces. */
  readonly slot: number;
  /** -1 when the process could not be created. */
  readonly pid: number;
  readonly state: WorkerState;
  readonly startedAtMs: number;
  readonly requestsPerSecond: number;
  readonly requestsTotal: number;
  /** Of one core. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  /** The worst of the last second or so. */
  readonly eventLoopLagMs: number | null;
  /** How often a worker in this slot was replaced. */
  readonly restarts: number;
  readonly leads: boolean;
  readonly connections: number;
}

export interface ClusterSnapshot {
  readonly min: number;
  readonly max: number;
  readonly wanted: number;
  /** Workers that are ready. */
  readonly live: number;
  readonly workers: readonly WorkerSnapshot[];
  /** Replacements of workers that ended unasked. */
  readonly restarts: number;
  readonly malformedMessages: number;
  /** Of all workers there ever were. Never goes back. */
  readonly requestsTotal: number;
  /** Null unless starts fail in a row. */
  readonly backOff: {
    readonly failures: number;
    /** Milliseconds since 1970; in the past while a try is under way. */
    readonly nextTryAtMs: number;
    readonly lastExit: string;
  } | null;
}

export interface WorkerStarted {
  readonly id: number;
  readonly slot: number;
  readonly pid: number;
}

export interface WorkerReady extends WorkerStarted {
  /** How long it took. */
  readonly startMs: number;
}

export interface WorkerExited extends WorkerStarted {
  readonly cause: ExitCause;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly uptimeMs: number;
  /** A sentence; when the worker said itself why it could not go on, its own. */
  readonly description: string;
}

/** What an AutoscalingCluster emits. None of it needs to be listened to. */
export interface ClusterEvents {
  worker_started: [WorkerStarted];
  worker_ready: [WorkerReady];
  worker_exited: [WorkerExited];
  /** `reason` is a sentence with the figures. */
  scaled: [{ readonly from: number; readonly to: number; readonly reason: string }];
  crash_looping: [{ readonly failures: number; readonly retryInMs: number; readonly lastExit: string }];
  recovered: [{ readonly failures: number }];
  /** Null while no worker is there to lead. */
  leader_changed: [{ readonly id: number | null }];
  /** The value that the worker's `collect` made. */
  report: [{ readonly id: number; readonly payload: unknown }];
  message: [{ readonly id: number; readonly payload: unknown }];
  malformed: [{ readonly id: number; readonly reason: string }];
}

export type Emit = <Name extends keyof ClusterEvents>(name: Name, payload: ClusterEvents[Name][0]) => void;

/** No worker became ready. */
export class WorkersFailedError extends Error {
  override readonly name = "WorkersFailedError";
  /** How the last worker ended, as a sentence. */
  readonly lastExit: string;

  constructor(message: string, lastExit: string) {
    super(message);
    this.lastExit = lastExit;
  }
}

/** The cluster was stopped before it was complete. */
export class ClusterStoppedError extends Error {
  override readonly name = "ClusterStoppedError";
}
