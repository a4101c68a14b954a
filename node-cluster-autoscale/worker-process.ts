import cluster, { type Worker } from "node:cluster";
import type { ExitCause, WorkerExited, WorkerSnapshot, WorkerState } from "./cluster-types.ts";
import { describeExit } from "./describe-exit.ts";
import { ReportWindow } from "./measure-load.ts";
import {
  parseWorkerMessage,
  type PrimaryMessage,
  type WorkerMessage,
  type WorkerReport,
  wrap,
} from "./messages.ts";
import { rescueConnections } from "./rescue-connections.ts";

/** Messages that a worker has not taken yet. One that takes none is about to be killed as hung. */
const unsentMax = 1_000;
/** The last report may still be on its way when the process is gone; this is how long it is waited for. */
const lastWordsMaxMs = 250;
const lookEveryMs = 2;
/** A worker that has been silent for so long does not serve, whatever it said last. */
const figuresMaxAgeMs = 2_000;

export interface WorkerProcessOptions {
  readonly slot: number;
  readonly env: Readonly<Record<string, string>>;
  /** Whether other workers serve, so that they can take what this one leaves behind. */
  readonly isServedByOthers: () => boolean;
  readonly onMessage: (message: WorkerMessage) => void;
  readonly onMalformed: (reason: string) => void;
  readonly onExit: (exit: WorkerExited) => void;
}

/** One process that was forked, as its primary sees it. */
export class WorkerProcess {
  readonly slot: number;
  readonly startedAtMs = performance.now();
  readonly window = new ReportWindow();
  state: WorkerState = "starting";
  readyAtMs: number | null = null;
  /** Asked to give up this many connections and not told otherwise since. */
  shedding = 0;
  readonly #startedAtEpochMs = Date.now();
  readonly #worker: Worker;
  readonly #onExit: (exit: WorkerExited) => void;
  readonly #rescueConnections: () => void;
  #cause: ExitCause = "crashed";
  /** How long it has been silent and how long in this state, both only by what the primary was awake to see. */
  #silentMs = 0;
  #inStateMs = 0;
  #failure: string | null = null;
  #requestsTotal = 0;
  #connections = 0;
  #memoryBytes: number | null = null;
  #unsent = 0;
  #ended = false;

  /** @throws when the process cannot be created */
  constructor({ slot, env, isServedByOthers, onMessage, onMalformed, onExit }: WorkerProcessOptions) {
    this.slot = slot;
    this.#onExit = onExit;
    this.#worker = cluster.fork(env);
    this.#rescueConnections = rescueConnections(this.#worker, isServedByOthers);
    this.#worker.on("message", (raw: unknown) => {
      const parsed = parseWorkerMessage(raw);
      if (!parsed.ok) return onMalformed(parsed.reason);
      this.#note(parsed.message);
      onMessage(parsed.message);
    });
    this.#worker.process.on("exit", (code, signal) => this.#expectLastWords(code, signal));
    // A channel that breaks while something is sent is no news: the end of the process is.
    this.#worker.on("error", (error: Error) => {
      if (this.#worker.process.pid === undefined) this.#end(null, null, error.message);
    });
  }

  get id(): number {
    return this.#worker.id;
  }

  get pid(): number {
    return this.#worker.process.pid ?? -1;
  }

  get silentMs(): number {
    return this.#silentMs;
  }

  get inStateMs(): number {
    return this.#inStateMs;
  }

  /** Lets time pass. Time in which the primary itself did not run must not be in it. */
  age(awakeMs: number): void {
    this.#silentMs += awakeMs;
    this.#inStateMs += awakeMs;
    if (this.#silentMs > figuresMaxAgeMs) this.window.clear();
  }

  becomeReady(nowMs: number): void {
    this.#enter("ready");
    this.readyAtMs = nowMs;
  }

  /** Tells it to finish what it has and to go. */
  retire(cause: "retired" | "stopped", idleGraceMs: number): void {
    this.#cause = cause;
    this.#enter("draining");
    this.send({ kind: "retire", idleGraceMs });
  }

  /** Ends it now, finished or not. */
  kill(cause: ExitCause): void {
    this.#cause = cause;
    if (cause === "hung") this.#enter("hung");
    this.#worker.process.kill("SIGKILL");
  }

  /** @returns false when the worker is gone or takes nothing any more */
  send(message: PrimaryMessage): boolean {
    if (this.#ended || !this.#worker.isConnected() || this.#unsent >= unsentMax) return false;
    this.#unsent += 1;
    try {
      // An error here means that the process is ending, and its exit tells that.
      this.#worker.send(wrap(message), () => (this.#unsent -= 1));
      return true;
    } catch (error) {
      this.#unsent -= 1;
      // What cannot be written down is the caller's mistake; a channel that has just closed is nobody's.
      if (error instanceof TypeError) throw error;
      return false;
    }
  }

  snapshot(leads: boolean, restarts: number): WorkerSnapshot {
    return {
      id: this.id,
      slot: this.slot,
      pid: this.pid,
      state: this.state,
      startedAtMs: this.#startedAtEpochMs,
      requestsPerSecond: this.window.requestsPerSecond,
      requestsTotal: this.#requestsTotal,
      cpuPercent: this.window.cpuPercent,
      memoryBytes: this.#memoryBytes,
      eventLoopLagMs: this.window.lagMs,
      restarts,
      leads,
      connections: this.#connections,
    };
  }

  #note(message: WorkerMessage): void {
    this.#silentMs = 0;
    if (message.kind === "failed") this.#failure = message.message;
    if (message.kind === "report") this.#noteReport(message.report);
  }

  #noteReport(report: WorkerReport): void {
    this.window.add(report);
    this.#requestsTotal += report.requests;
    this.#connections = report.connections;
    this.#memoryBytes = report.memoryBytes;
  }

  #enter(state: WorkerState): void {
    this.state = state;
    this.#inStateMs = 0;
  }

  /** What the worker sent last may still have to be read when its process is gone. */
  #expectLastWords(code: number | null, signal: NodeJS.Signals | null): void {
    const deadlineMs = performance.now() + lastWordsMaxMs;
    const look = () => {
      if (this.#worker.process.channel && performance.now() < deadlineMs) setTimeout(look, lookEveryMs);
      else this.#end(code, signal, null);
    };
    look();
  }

  #end(code: number | null, signal: NodeJS.Signals | null, spawnError: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    const uptimeMs = performance.now() - this.startedAtMs;
    const { id, slot, pid } = this;
    const exit = { id, slot, pid, cause: this.#cause, code, signal, uptimeMs };
    const description = describeExit(exit, {
      wasReady: this.readyAtMs !== null,
      failure: this.#failure ?? spawnError,
    });
    this.#onExit({ ...exit, description });
    this.#rescueConnections();
  }
}
