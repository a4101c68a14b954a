import type { RequestListener } from "node:http";
import type { MarkKind } from "../contract/dashboard.ts";
import type { Log } from "../kernel/log.ts";
import type { ReportedError, WorkerReport } from "../kernel/worker-report.ts";
import type { MetricTotals } from "./metric-totals.ts";

/** One worker process, as the one who started it sees it. */
export interface ClusterWorker {
  /** Rises with every start; a worker that replaces another has a new one. */
  readonly id: number;
  /** The place that the worker fills, from 0. Its successor fills the same one. */
  readonly slot: number;
  readonly pid: number;
  readonly state: "starting" | "ready" | "draining" | "hung";
  /** Wall clock, in milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly requestsPerSecond: number;
  readonly requestsTotal: number;
  /** Of one core. */
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly eventLoopLagMs: number | null;
  /** How often the worker in this slot was replaced after a crash. */
  readonly restarts: number;
  /** Whether it is the one that does this machine's background work. */
  readonly leads: boolean;
  readonly connections: number;
}

/** Set while workers crash at every start. */
interface BackOff {
  readonly failures: number;
  /** Wall clock, in milliseconds since 1970. */
  readonly nextTryAtMs: number;
  readonly lastExit: string;
}

export interface ClusterSnapshot {
  readonly min: number;
  readonly max: number;
  readonly wanted: number;
  /** Workers that are ready. */
  readonly live: number;
  readonly workers: readonly ClusterWorker[];
  readonly restarts: number;
  readonly malformedMessages: number;
  readonly requestsTotal: number;
  readonly backOff: BackOff | null;
}

/** This machine, as the others see it. */
export interface NodeIdentity {
  /** A UUID that stays the same when the machine's supervisor starts again. */
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  readonly version: string;
  readonly role: "all" | "api" | "jobs";
  /** Wall clock, in milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** A pause or a resumption asked for on the dashboard. */
interface PauseChange {
  readonly eventId: string;
  /** Null resumes. */
  readonly reason: string | null;
  readonly actor: string;
}

/** A restock order that is to be given up, or to be tried again, by somebody on the dashboard. */
export interface RestockChange {
  readonly eventId: string;
  readonly restockOrderId: string;
  readonly actor: string;
}

/** What came of it. `is_pointless`: the order has come to another end, or the event waits for another one. */
export type RestockChanged = "done" | "is_pointless" | "not_found" | "unavailable";

/** Where the messages of the demo's providers are appended. Null: messages go to a real provider. */
interface Outboxes {
  /** Whether whoever may look may read the messages too; only an admin may otherwise. */
  readonly isDemo: boolean;
  readonly smsFile: string | null;
  readonly emailFile: string | null;
}

export interface OperationsPorts {
  readonly cluster: { snapshot(): ClusterSnapshot };
  readonly totals: MetricTotals;
  readonly connectionString: string;
  readonly node: NodeIdentity;
  readonly log: Log;
  /** Where the built dashboard lies, with index.html in it. */
  readonly dashboardFolder: string;
  /** Where the charts' figures and marks are kept for the next start. */
  readonly historyFile: string;
  /** The address that the listener binds. On any but a loopback one, callers need a key. */
  readonly host: string;
  /** Tells the role behind an Authorization header; null for one that is absent, not valid, or of another role. */
  authorize(authorization: string | undefined): Promise<"admin" | "observer" | null>;
  setPaused(change: PauseChange): Promise<"done" | "event_not_found" | "unavailable">;
  /**
   * Ends a restock order at the desk, so that its event does not wait for it. Closing what is closed is done, too.
   */
  closeRestock(change: RestockChange): Promise<RestockChanged>;
  /** Opens a closed restock order again at the desk, with a job of its own. One that is under way is left as it is. */
  reopenRestock(change: RestockChange): Promise<RestockChanged>;
  readonly outboxes: Outboxes;
  /** Starts a job now. @returns false when there is none with that name that could run */
  runJob(name: string): boolean;
}

/** Something that went wrong in the supervisor itself. What is left out is not known. */
export type SupervisorError = Pick<ReportedError, "level" | "message"> & Partial<ReportedError>;

export interface Operations {
  /** The private listener's application. */
  readonly app: RequestListener;
  /** Takes in what a worker says about itself. Its metrics are added to the totals here, and nowhere else. */
  receive(workerId: number, report: WorkerReport): void;
  /** Notes a moment, to be drawn as a vertical line on every chart. */
  note(kind: MarkKind, text: string): void;
  /** Adds an error of the supervisor to the feed. */
  record(error: SupervisorError): void;
  /** Starts to measure, to say that this machine lives, and to keep the errors. */
  start(): void;
  /** Says goodbye to the other machines, saves the charts' figures and lets go of everything, within about 2 seconds. Never throws. */
  stop(): Promise<void>;
}
