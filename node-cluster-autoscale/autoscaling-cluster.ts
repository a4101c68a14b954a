import cluster from "node:cluster";
import { EventEmitter } from "node:events";
import {
  type ClusterEvents,
  type ClusterOptions,
  type ClusterSnapshot,
  ClusterStoppedError,
  type Emit,
  WorkersFailedError,
} from "./cluster-types.ts";
import { beginScaling, decideWorkerCount, type ScalingState } from "./decide-worker-count.ts";
import { Fleet } from "./fleet.ts";
import { measureLoad } from "./measure-load.ts";
import { MachineMeter } from "./measure-machine.ts";
import { planShedding } from "./plan-shedding.ts";
import { type ClusterSettings, readOptions } from "./read-options.ts";

/** How often the primary looks at the clock, at most. */
const tickMaxMs = 200;
/** A killed process ends at once, unless the operating system is in trouble. Nobody waits longer than this. */
const killedMaxMs = 5_000;

/** What `node:cluster` is set up with belongs to the whole process, so one cluster at a time can use it. */
let isAnyRunning = false;

interface StartWaiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A `node:cluster` that grows and shrinks by the requests that its workers serve, and replaces those that die or hang.
 * Only one at a time can run in a process.
 */
export class AutoscalingCluster extends EventEmitter<ClusterEvents> {
  readonly #settings: ClusterSettings;
  readonly #fleet: Fleet;
  readonly #machine = new MachineMeter();
  #scaling: ScalingState;
  #timer: NodeJS.Timeout | null = null;
  #tickedAtMs = 0;
  #decidedAtMs = 0;
  #starting: Promise<void> | null = null;
  #startWaiter: StartWaiter | null = null;
  #stopping: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;

  /** @throws RangeError with one sentence about the first option that cannot be used */
  constructor(options: ClusterOptions) {
    super();
    this.#settings = readOptions(options);
    this.#scaling = beginScaling(this.#settings.min, performance.now());
    this.#fleet = new Fleet(
      this.#settings,
      (name, payload) => this.#tell(name, payload),
      () => this.#onChange(),
    );
  }

  /**
   * Starts `min` workers and resolves when they are ready. From then on there is nothing to do but to listen.
   *
   * @throws WorkersFailedError when starts fail again and again before any worker was ready
   * @throws ClusterStoppedError when stop() comes first
   */
  start(): Promise<void> {
    this.#starting ??= this.#begin();
    return this.#starting;
  }

  /**
   * Lets every worker finish what it has, kills those that take too long, and resolves when all are gone.
   * May be called at any time and more than once.
   */
  stop(): Promise<void> {
    this.#startWaiter?.reject(
      new ClusterStoppedError("The cluster was stopped before its workers were ready."),
    );
    return this.#stopWith(() => this.#fleet.stop());
  }

  snapshot(): ClusterSnapshot {
    return this.#fleet.snapshot();
  }

  /**
   * Sends a message that JSON can carry to one worker.
   *
   * @returns false when the worker is gone or takes nothing any more
   */
  send(workerId: number, message: unknown): boolean {
    return this.#fleet.find(workerId)?.send({ kind: "message", payload: message }) ?? false;
  }

  /** Sends a message that JSON can carry to every worker that is ready. */
  broadcast(message: unknown): void {
    for (const worker of this.#fleet.ready) worker.send({ kind: "message", payload: message });
  }

  /** Counts a message of a worker that arrived well and made no sense to the application. */
  countMalformed(workerId: number): void {
    this.#fleet.countMalformed(workerId, "A message that the application does not understand.");
  }

  async #begin(): Promise<void> {
    if (!cluster.isPrimary) throw new Error("A worker cannot start a cluster of its own.");
    if (this.#stopping !== null) throw new ClusterStoppedError("The cluster has been stopped.");
    if (isAnyRunning) throw new Error("Only one cluster at a time can run in a process.");
    isAnyRunning = true;
    const { exec, args, execArgv } = this.#settings;
    // The primary hands out the connections, on every platform: only then can a worker refuse a late one.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec, args: [...args], ...(execArgv && { execArgv: [...execArgv] }) });
    const started = new Promise<void>((resolve, reject) => (this.#startWaiter = { resolve, reject }));
    this.#startClock();
    this.#fleet.reconcile();
    return started;
  }

  /** A listener that throws must not leave the cluster half way through a change. */
  #tell: Emit = (name, payload) => {
    try {
      (this as EventEmitter).emit(name, payload);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };

  #startClock(): void {
    const everyMs = Math.min(tickMaxMs, this.#settings.reportEveryMs);
    this.#tickedAtMs = performance.now();
    this.#decidedAtMs = this.#tickedAtMs;
    this.#timer = setInterval(() => this.#tick(everyMs), everyMs);
  }

  #tick(everyMs: number): void {
    const nowMs = performance.now();
    // If this process was stopped or busy, its workers' reports wait to be read: that time is not held against them.
    this.#fleet.age(Math.min(nowMs - this.#tickedAtMs, 2 * everyMs));
    this.#tickedAtMs = nowMs;
    if (this.#stopping !== null || nowMs - this.#decidedAtMs < this.#settings.decideEveryMs - everyMs / 2)
      return;
    this.#decidedAtMs = nowMs;
    this.#scale(nowMs);
    this.#spreadConnections();
  }

  #scale(nowMs: number): void {
    const from = this.#scaling.wanted;
    const measurement = measureLoad(
      this.#fleet.ready.map(({ window }) => window),
      { nowMs, machineBusyFraction: this.#machine.take() },
    );
    const { state, reason } = decideWorkerCount(this.#scaling, measurement, this.#settings.scaling);
    this.#scaling = state;
    if (reason === null) return;
    this.#fleet.reconcile(state.wanted);
    this.#tell("scaled", { from, to: state.wanted, reason });
  }

  /** Connections that stay open stick to old workers. Some are given up, so that new workers get their share. */
  #spreadConnections(): void {
    const { ready } = this.#fleet;
    const plan = planShedding(
      ready.map(({ id, window }) => ({ id, activeConnections: window.activeConnections })),
    );
    for (const worker of ready) {
      const connections = plan.get(worker.id) ?? 0;
      if (connections === 0 && worker.shedding === 0) continue;
      worker.shedding = connections;
      worker.send({ kind: "shed", connections });
    }
  }

  #onChange(): void {
    if (this.#fleet.size === 0) this.#onEmpty?.();
    const waiter = this.#startWaiter;
    if (waiter === null || this.#stopping !== null) return;
    if (this.#fleet.ready.length >= this.#settings.min) {
      this.#startWaiter = null;
      waiter.resolve();
    } else if (this.#fleet.failures >= this.#settings.startTriesMax && !this.#fleet.wasEverReady) {
      const { lastExit, failures } = this.#fleet;
      const message = `No worker became ready in ${failures} tries. ${lastExit}`;
      const fail = () => waiter.reject(new WorkersFailedError(message, lastExit));
      this.#stopWith(() => this.#fleet.kill()).then(fail, fail);
    }
  }

  #stopWith(tell: () => void): Promise<void> {
    this.#stopping ??= this.#end(tell);
    return this.#stopping;
  }

  async #end(tell: () => void): Promise<void> {
    if (this.#timer === null) return;
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    tell();
    const limit = setTimeout(() => this.#onEmpty?.(), this.#settings.drainMaxMs + killedMaxMs);
    if (this.#fleet.size > 0) await empty;
    clearTimeout(limit);
    clearInterval(this.#timer);
    isAnyRunning = false;
  }
}
