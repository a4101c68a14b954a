import { BackOff } from "./back-off.ts";
import type { ClusterSnapshot, Emit, WorkerExited } from "./cluster-types.ts";
import { Leadership } from "./leadership.ts";
import type { WorkerMessage } from "./messages.ts";
import type { ClusterSettings } from "./read-options.ts";
import { writeEnvironment } from "./worker-environment.ts";
import { WorkerProcess } from "./worker-process.ts";

/** Idle connections of a worker that retires are given so long to bring a request, at most. */
const retireGraceMaxMs = 2_000;
/** The same when everything stops: nobody will be there to serve a later request anyway. */
const stopGraceMaxMs = 250;

/** Keeps as many workers as are wanted: starts, replaces, retires and kills them. */
export class Fleet {
  readonly #settings: ClusterSettings;
  readonly #emit: Emit;
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #leadership: Leadership;
  readonly #backOff: BackOff;
  readonly #restarts: number[];
  /** Slots whose worker ended unasked and has not been replaced yet. */
  readonly #bereaved = new Set<number>();
  readonly #onChange: () => void;
  #wanted: number;
  #isStopping = false;
  #wasEverReady = false;
  #requestsTotal = 0;
  #malformedMessages = 0;

  /** @param onChange is called after a worker became ready or ended */
  constructor(settings: ClusterSettings, emit: Emit, onChange: () => void) {
    this.#settings = settings;
    this.#emit = emit;
    this.#onChange = onChange;
    this.#leadership = new Leadership(emit);
    this.#backOff = new BackOff(settings.backOff);
    this.#restarts = Array.from({ length: settings.max }, () => 0);
    this.#wanted = settings.min;
  }

  get ready(): readonly WorkerProcess[] {
    return this.#in("ready");
  }

  get wasEverReady(): boolean {
    return this.#wasEverReady;
  }

  get size(): number {
    return this.#workers.size;
  }

  get failures(): number {
    return this.#backOff.failures;
  }

  get lastExit(): string {
    return this.#backOff.lastExit;
  }

  find(id: number): WorkerProcess | null {
    return this.#workers.get(id) ?? null;
  }

  countMalformed(id: number, reason: string): void {
    this.#malformedMessages += 1;
    this.#emit("malformed", { id, reason });
  }

  /** Makes the number of workers what is wanted, as far as failing starts and the slots allow. */
  reconcile(wanted: number = this.#wanted): void {
    if (this.#isStopping) return;
    this.#wanted = wanted;
    const starting = this.#in("starting");
    const missing = wanted - starting.length - this.ready.length;
    if (missing < 0) this.#retire(-missing);
    const hasProof = this.ready.some(({ startedAtMs }) => this.#backOff.isNewerThanFailure(startedAtMs));
    const allowed = this.#backOff.startsAllowed(performance.now(), starting.length, hasProof);
    for (let left = Math.min(missing, allowed); left > 0; left -= 1) {
      const slot = this.#freeSlot();
      // A worker that is on its way out still has its slot, so there are never more processes than allowed.
      if (slot === null || !this.#start(slot)) return;
    }
  }

  /** Lets time pass: kills who is overdue, and tries again what failed. */
  age(awakeMs: number): void {
    for (const worker of this.#workers.values()) {
      worker.age(awakeMs);
      this.#killIfOverdue(worker);
    }
    this.#recoverIfHealthy();
    this.#leadership.hurry(this.ready);
    this.reconcile();
  }

  /** Tells every worker to go; `size` tells when they are gone. */
  stop(): void {
    this.#isStopping = true;
    const grace = Math.min(stopGraceMaxMs, this.#settings.drainMaxMs / 4);
    for (const worker of this.#workers.values()) {
      if (worker.state === "starting" || worker.state === "ready") worker.retire("stopped", grace);
    }
  }

  /** Ends every worker now. */
  kill(): void {
    this.#isStopping = true;
    for (const worker of this.#workers.values()) worker.kill("stopped");
  }

  snapshot(): ClusterSnapshot {
    const { min, max } = this.#settings;
    const workers = [...this.#workers.values()].sort((one, other) => one.slot - other.slot);
    return {
      min,
      max,
      wanted: this.#isStopping ? 0 : this.#wanted,
      live: this.ready.length,
      workers: workers.map((worker) =>
        worker.snapshot(this.#leadership.isLedBy(worker), this.#restarts[worker.slot - 1] ?? 0),
      ),
      restarts: this.#restarts.reduce((sum, count) => sum + count, 0),
      malformedMessages: this.#malformedMessages,
      requestsTotal: this.#requestsTotal,
      backOff: this.#backOff.isLooping
        ? {
            failures: this.#backOff.failures,
            nextTryAtMs: Date.now() + (this.#backOff.nextTryAtMs - performance.now()),
            lastExit: this.#backOff.lastExit,
          }
        : null,
    };
  }

  #in(state: WorkerProcess["state"]): WorkerProcess[] {
    return [...this.#workers.values()].filter((worker) => worker.state === state);
  }

  #freeSlot(): number | null {
    const taken = new Set([...this.#workers.values()].map(({ slot }) => slot));
    const free = this.#restarts.map((_, index) => index + 1).filter((slot) => !taken.has(slot));
    // A lost worker is replaced in its own slot before any other slot is filled.
    return free.find((slot) => this.#bereaved.has(slot)) ?? free[0] ?? null;
  }

  /** @returns whether the process could be created */
  #start(slot: number): boolean {
    let worker: WorkerProcess;
    try {
      worker = new WorkerProcess({
        slot,
        env: { ...this.#settings.env, ...writeEnvironment(this.#settings) },
        isServedByOthers: () => this.ready.some((other) => other !== worker),
        onMessage: (message) => this.#receive(worker, message),
        onMalformed: (reason) => this.countMalformed(worker.id, reason),
        onExit: (exit) => this.#bury(worker, exit),
      });
    } catch (error) {
      this.#recordFailure(performance.now(), `No process could be created: ${String(error)}`);
      this.#onChange();
      return false;
    }
    this.#workers.set(worker.id, worker);
    if (this.#bereaved.delete(slot)) this.#restarts[slot - 1] = (this.#restarts[slot - 1] ?? 0) + 1;
    this.#emit("worker_started", { id: worker.id, slot, pid: worker.pid });
    return true;
  }

  /** Retires those who are missed least: who does not serve yet, then who does not lead, then the highest slots. */
  #retire(count: number): void {
    const rank = (worker: WorkerProcess) =>
      (worker.state === "starting" ? 200 : 0) + (this.#leadership.isLedBy(worker) ? 0 : 100) + worker.slot;
    const candidates = [...this.#in("starting"), ...this.ready].sort((one, other) => rank(other) - rank(one));
    const grace = Math.min(retireGraceMaxMs, this.#settings.drainMaxMs / 4);
    for (const worker of candidates.slice(0, count)) worker.retire("retired", grace);
  }

  #receive(worker: WorkerProcess, message: WorkerMessage): void {
    switch (message.kind) {
      case "ready":
        return this.#welcome(worker);
      case "report":
        this.#requestsTotal += message.report.requests;
        if (message.report.payload !== undefined)
          this.#emit("report", { id: worker.id, payload: message.report.payload });
        return;
      case "message":
        return this.#emit("message", { id: worker.id, payload: message.payload });
      case "stopped_leading":
        return this.#leadership.release(worker, this.#isStopping ? [] : this.ready);
      case "failed":
        return;
    }
  }

  #welcome(worker: WorkerProcess): void {
    if (worker.state !== "starting") return;
    const nowMs = performance.now();
    worker.becomeReady(nowMs);
    this.#wasEverReady = true;
    const { id, slot, pid, startedAtMs } = worker;
    this.#emit("worker_ready", { id, slot, pid, startMs: nowMs - startedAtMs });
    this.#leadership.appoint(this.ready);
    this.reconcile();
    this.#onChange();
  }

  #killIfOverdue(worker: WorkerProcess): void {
    const { startMaxMs, hungAfterMs, drainMaxMs } = this.#settings;
    switch (worker.state) {
      case "starting":
        if (worker.inStateMs > startMaxMs) worker.kill("start_timeout");
        return;
      case "ready":
        if (worker.silentMs > hungAfterMs) worker.kill("hung");
        return;
      case "draining":
        if (worker.inStateMs > drainMaxMs) worker.kill("drain_timeout");
        return;
      case "hung":
        return;
    }
  }

  #bury(worker: WorkerProcess, exit: WorkerExited): void {
    this.#workers.delete(worker.id);
    const wasAsked = exit.cause === "retired" || exit.cause === "stopped" || exit.cause === "drain_timeout";
    if (!wasAsked) this.#mourn(worker, exit);
    this.#emit("worker_exited", exit);
    this.#leadership.release(worker, this.#isStopping ? [] : this.ready);
    this.reconcile();
    this.#onChange();
  }

  #mourn(worker: WorkerProcess, exit: WorkerExited): void {
    this.#bereaved.add(worker.slot);
    if (this.#isStopping) return;
    const nowMs = performance.now();
    if (this.#isFailedStart(worker, exit, nowMs)) this.#recordFailure(worker.startedAtMs, exit.description);
    else this.#backOff.allowOneNow(nowMs);
  }

  /**
   * Whether an end belongs to a crash loop. Someone who kills a worker that serves is no crash loop, however often
   * it happens; whoever is killed before it serves may lack the memory to.
   */
  #isFailedStart({ readyAtMs }: WorkerProcess, { cause, signal }: WorkerExited, nowMs: number): boolean {
    if (readyAtMs === null) return true;
    if (nowMs - readyAtMs >= this.#settings.backOff.healthyAfterMs) return false;
    return !(cause === "crashed" && (signal === "SIGKILL" || signal === "SIGTERM"));
  }

  #recordFailure(startedAtMs: number, lastExit: string): void {
    const retryInMs = this.#backOff.recordFailure(startedAtMs, performance.now(), lastExit);
    if (retryInMs === null || !this.#backOff.isLooping) return;
    this.#emit("crash_looping", { failures: this.#backOff.failures, retryInMs, lastExit });
  }

  #recoverIfHealthy(): void {
    const healthyFromMs = performance.now() - this.#settings.backOff.healthyAfterMs;
    const isGood = ({ startedAtMs, readyAtMs }: WorkerProcess) =>
      this.#backOff.isNewerThanFailure(startedAtMs) && readyAtMs !== null && readyAtMs <= healthyFromMs;
    if (this.#backOff.failures === 0 || !this.ready.some(isGood)) return;
    const wasLooping = this.#backOff.isLooping;
    const failures = this.#backOff.recover();
    if (wasLooping) this.#emit("recovered", { failures });
  }
}
