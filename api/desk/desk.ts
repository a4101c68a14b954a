import type { StockCommand } from "../domain/commands.ts";
import type { MakeReservationId } from "../domain/decide-stock.ts";
import { type DeskLimits, defaultDeskLimits } from "./desk-limits.ts";
import { answerAll, Lane, type LaneOptions } from "./lane.ts";
import { LockedEvents } from "./locked-events.ts";
import { refuseTooOld } from "./refuse-too-old.ts";
import type { BatchReport } from "./batch-report.ts";
import type { DeskOutcome, RecordedClaim, WaitingCommand } from "./waiting-command.ts";

export interface DeskOptions {
  readonly connectionString: string;
  readonly makeId: MakeReservationId;
  readonly onReport: (report: BatchReport) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
  readonly limits?: Partial<DeskLimits>;
}

/**
 * The line in which a worker's commands wait. While one transaction commits, the next commands gather, and all
 * of them share the next transaction: one lock, one set of statements, one commit. An idle desk serves at once.
 */
export class Desk {
  readonly #limits: DeskLimits;
  readonly #lane: Lane;
  readonly #lockedEvents: LockedEvents;
  readonly #keysInProgress = new Set<string>();
  #clients: WaitingCommand[] = [];
  #background: WaitingCommand[] = [];
  #working: Promise<void> | null = null;
  #unavailableUntilMs = 0;
  #stopped = false;

  constructor(options: DeskOptions) {
    this.#limits = { ...defaultDeskLimits, ...options.limits };
    const laneOptions: LaneOptions = { ...options, applicationName: "holdfast desk" };
    this.#lane = new Lane(laneOptions);
    this.#lockedEvents = new LockedEvents(laneOptions, this.#limits);
  }

  /** How many commands of clients are in line, not counting those in a transaction. */
  get depth(): number {
    return this.#clients.length + this.#lockedEvents.depth;
  }

  /**
   * Puts a client's command in line.
   *
   * @param claim the idempotency key of the request, if it has one
   * @returns the outcome, after it is on disk; rejects only when the command hit a defect of ours
   */
  submit(command: StockCommand, claim: RecordedClaim | null = null): Promise<DeskOutcome> {
    if (this.#stopped || this.depth >= this.#limits.queueMax) return Promise.resolve({ kind: "overloaded" });
    if (this.#isUnavailable()) return Promise.resolve({ kind: "database_unavailable", effect: "none" });
    if (claim === null) return this.#enqueue(this.#clients, command, null);

    const key = `${command.eventId} ${claim.keyDigest}`;
    if (this.#keysInProgress.has(key)) return Promise.resolve({ kind: "idempotency_in_progress" });
    this.#keysInProgress.add(key);
    return this.#enqueue(this.#clients, command, claim).finally(() => this.#keysInProgress.delete(key));
  }

  /** Puts a command of the sweeper in line. It takes a limited share of each transaction. */
  submitBackground(command: StockCommand): Promise<DeskOutcome> {
    if (this.#stopped) return Promise.resolve({ kind: "overloaded" });
    if (this.#isUnavailable()) return Promise.resolve({ kind: "database_unavailable", effect: "none" });
    return this.#enqueue(this.#background, command, null);
  }

  /** Serves what is in line, refuses what comes later, and closes the connections. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
    await this.#lockedEvents.stop();
    await this.#lane.close();
  }

  #enqueue(line: WaitingCommand[], command: StockCommand, claim: RecordedClaim | null): Promise<DeskOutcome> {
    return new Promise((resolve, reject) => {
      const entry = { command, claim, sinceMs: performance.now(), resolve, reject };
      if (this.#lockedEvents.take(entry)) return;
      line.push(entry);
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    while (this.#clients.length + this.#background.length > 0) {
      const available = await this.#lane.serve({
        take: () => this.#nextBatch(),
        skipLocked: true,
        onLocked: (batch) => batch.forEach((entry) => this.#lockedEvents.add(entry)),
      });
      if (!available) this.#refuseForAWhile();
    }
    this.#working = null;
  }

  #nextBatch(): readonly WaitingCommand[] {
    const { batchMax, backgroundBatchMax, waitMaxMs } = this.#limits;
    const clients = refuseTooOld(this.#clients.splice(0, batchMax), waitMaxMs);
    return [...clients, ...this.#background.splice(0, backgroundBatchMax)];
  }

  #isUnavailable(): boolean {
    return performance.now() < this.#unavailableUntilMs;
  }

  /** Everyone in line would only wait for the same failure. */
  #refuseForAWhile(): void {
    this.#unavailableUntilMs = performance.now() + this.#limits.unavailableMs;
    answerAll(this.#clients.splice(0), { kind: "database_unavailable", effect: "none" });
    answerAll(this.#background.splice(0), { kind: "database_unavailable", effect: "none" });
  }
}
