import type { Worker } from "node:cluster";
import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { guardOrphan } from "./guard-orphan.ts";
import { Lead } from "./lead-cluster.ts";
import { WorkerMeter } from "./measure-worker.ts";
import { parsePrimaryMessage, type PrimaryMessage, type WorkerReport } from "./messages.ts";
import { PrimaryChannel } from "./primary-channel.ts";
import { ServedConnections } from "./served-connections.ts";
import type { WorkerEnvironment } from "./worker-environment.ts";
import type { BeginLeading, WorkerLink } from "./worker-link.ts";

/** How long requests in progress may take when the primary is gone: nobody watches this worker, so it must go soon. */
const orphanFinishMaxMs = 1_000;
/** How long the application may then take to let go of what it holds. */
const orphanRetireMaxMs = 500;
/** How long the sentence about a failure may take to be sent. */
const failureMaxMs = 500;

/** A worker's side of a cluster. Made once in a process. */
export class ClusterLink implements WorkerLink {
  readonly id: number;
  readonly #guardOrphans: boolean;
  readonly #connections = new ServedConnections();
  readonly #meter = new WorkerMeter();
  readonly #channel = new PrimaryChannel();
  readonly #lead = new Lead((message, error) => this.#tellTrouble(message, error));
  readonly #drains: (() => void)[] = [];
  readonly #finishes: (() => Promise<void>)[] = [];
  readonly #handlers: ((message: unknown) => void)[] = [];
  readonly #troubleHandlers: ((message: string, error: unknown) => void)[] = [];
  #make: () => unknown = () => undefined;
  #retiring: Promise<void> | null = null;
  #finishing: Promise<void> | null = null;
  #hasReportedLast = false;
  #isReady = false;

  constructor(worker: Worker, { reportEveryMs, guardOrphans }: WorkerEnvironment) {
    this.id = worker.id;
    this.#guardOrphans = guardOrphans;
    process.on("message", (raw) => this.#receive(raw));
    // A terminal tells these to every process of the group. What follows is for the primary to say.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
    worker.once("disconnect", () => {
      // Node would end the process in this very moment, in the middle of its requests.
      worker.exitedAfterDisconnect = true;
      void this.#endAsOrphan();
    });
    // However this process ends by itself, it first sends what it has counted: a pipe takes that at once.
    process.on("exit", () => void this.#reportLast());
    setInterval(() => {
      if (this.#channel.isFree) void this.#report();
    }, reportEveryMs);
  }

  observe(server: Server): void {
    this.#connections.observe(server);
  }

  ready(): void {
    if (this.#retiring !== null || this.#isReady) return;
    this.#isReady = true;
    void this.#channel.send({ kind: "ready" });
    if (this.#guardOrphans) guardOrphan();
  }

  fail(message: string): void {
    const end = () => process.exit(1);
    setTimeout(end, failureMaxMs);
    void this.#channel.send({ kind: "failed", message }).then(end, end);
  }

  collect(make: () => unknown): void {
    this.#make = make;
  }

  onLead(begin: BeginLeading): void {
    this.#lead.add(begin);
  }

  onDrain(begin: () => void): void {
    this.#drains.push(begin);
  }

  onRetire(finish: () => Promise<void>): void {
    this.#finishes.push(finish);
  }

  onMessage(handle: (message: unknown) => void): void {
    this.#handlers.push(handle);
  }

  send(message: unknown): void {
    this.#channel
      .send({ kind: "message", payload: message })
      .catch((error: unknown) => this.#tellTrouble("A message cannot be sent.", error));
  }

  onTrouble(handle: (message: string, error: unknown) => void): void {
    this.#troubleHandlers.push(handle);
  }

  #receive(raw: unknown): void {
    const parsed = parsePrimaryMessage(raw);
    if (parsed.ok) this.#obey(parsed.message);
    else this.#tellTrouble("The primary sent something else.", new Error(parsed.reason));
  }

  #obey(message: PrimaryMessage): void {
    switch (message.kind) {
      case "retire":
        this.#retiring ??= this.#retire(message.idleGraceMs);
        return;
      case "lead":
        if (this.#retiring === null) this.#lead.begin();
        return;
      case "shed":
        return this.#connections.shed(message.connections);
      case "message":
        for (const handle of this.#handlers) {
          this.#attempt("A message from the primary could not be handled.", () => handle(message.payload));
        }
    }
  }

  async #retire(idleGraceMs: number): Promise<void> {
    const drained = this.#connections.drain(idleGraceMs);
    this.#beginDraining();
    if (await this.#lead.end()) void this.#channel.send({ kind: "stopped_leading" });
    await drained;
    await this.#finish();
    await this.#reportLast();
    process.exit(0);
  }

  /** Serves what has been asked and ends. A worker that nobody watches must not stay. */
  async #endAsOrphan(): Promise<void> {
    setTimeout(() => process.exit(0), orphanFinishMaxMs + orphanRetireMaxMs);
    const finished = this.#connections.finishRequests();
    this.#beginDraining();
    await Promise.race([Promise.all([finished, this.#lead.end()]), wait(orphanFinishMaxMs)]);
    await this.#finish();
    process.exit(0);
  }

  #beginDraining(): void {
    for (const begin of this.#drains) this.#attempt("Something could not begin to drain.", begin);
  }

  #finish(): Promise<void> {
    this.#finishing ??= this.#runFinishes();
    return this.#finishing;
  }

  async #runFinishes(): Promise<void> {
    const results = await Promise.allSettled(this.#finishes.map(async (finish) => finish()));
    for (const result of results) {
      if (result.status === "rejected") this.#tellTrouble("A part did not finish cleanly.", result.reason);
    }
  }

  async #reportLast(): Promise<void> {
    if (this.#hasReportedLast) return;
    this.#hasReportedLast = true;
    await this.#report();
  }

  async #report(): Promise<void> {
    const figures: WorkerReport = { ...this.#connections.take(), ...this.#meter.take() };
    const payload = this.#attempt("The values for a report could not be collected.", this.#make);
    try {
      await this.#channel.send({ kind: "report", report: { ...figures, payload } });
    } catch (error) {
      this.#tellTrouble("The values for a report cannot be sent.", error);
      await this.#channel.send({ kind: "report", report: figures });
    }
  }

  #attempt<Result>(message: string, run: () => Result): Result | undefined {
    try {
      return run();
    } catch (error) {
      this.#tellTrouble(message, error);
      return undefined;
    }
  }

  #tellTrouble(message: string, error: unknown): void {
    if (this.#troubleHandlers.length === 0) process.emitWarning(`${message} ${String(error)}`);
    for (const handle of this.#troubleHandlers) handle(message, error);
  }
}
