import type { StockCommand } from "../domain/commands.ts";
import type { HoardingTerms } from "../domain/hoarding-terms.ts";
import type { MakeReservationId } from "../domain/reservation.ts";
import { MetricRecorder } from "../kernel/record-metrics.ts";
import { placeOf } from "./command-needs.ts";
import { OutcomeCounts } from "./count-outcomes.ts";
import { type DeskLimits, defaultDeskLimits } from "./desk-limits.ts";
import { answerAll, Lane, type LaneOptions } from "./lane.ts";
import { LockedEvents } from "./locked-events.ts";
import { noOrderPorts, type OrderPorts } from "./order-ports.ts";
import { refuseTooOld } from "./refuse-too-old.ts";
import { type BatchReport, isLocked } from "./batch-report.ts";
import type { DeskOutcome, RecordedClaim, WaitingCommand } from "./waiting-command.ts";

/** A desk that is asked about carts and orders needs `renderOrder` and `jobStatements`. */
export interface DeskOptions extends Partial<OrderPorts> {
  readonly connectionString: string;
  readonly makeId: MakeReservationId;
  readonly onReport: (report: BatchReport) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
  readonly limits?: Partial<DeskLimits>;
  /** When a buyer has to wait for the next hold on an event; never, when absent. */
  readonly hoarding?: HoardingTerms | null;
  /** Counts outcomes and the sizes of batches. */
  readonly recorder?: MetricRecorder;
}

/**
 * The line in which a worker's commands wait. While one transaction commits, the next commands gather, and all
 * of them share the next transaction: one lock, one set of statements, one commit. An idle desk serves at once.
 */
export class Desk {
  readonly #limits: DeskLimits;
  readonly #lane: Lane;
  readonly #lockedEvents: LockedEvents;
  readonly #outcomes: OutcomeCounts;
  readonly #keysInProgress = new Set<string>();
  #clients: WaitingCommand[] = [];
  #background: WaitingCommand[] = [];
  #working: Promise<void> | null = null;
  #unavailableUntilMs = 0;
  #stopped = false;

  constructor(options: DeskOptions) {
    this.#limits = { ...defaultDeskLimits, ...options.limits };
    const recorder = options.recorder ?? new MetricRecorder();
    this.#outcomes = new OutcomeCounts(recorder);
    const batchSize = recorder.histogram("holdfast_batch_size", {});
    const onReport = (report: BatchReport) => {
      batchSize.observe(report.outcomes.filter((outcome) => !isLocked(outcome)).length);
      options.onReport(report);
    };
    const laneOptions: LaneOptions = {
      ...noOrderPorts,
      hoarding: null,
      ...options,
      onReport,
      applicationName: "holdfast desk",
    };
    this.#lane = new Lane(laneOptions);
    this.#lockedEvents = new LockedEvents(laneOptions, this.#limits, (entries) => this.#takeBack(entries));
  }

  /** How many commands of clients are in line, not counting those in a transaction. */
  get depth(): number {
    return this.#clients.length + this.#lockedEvents.depth;
  }

  /** How long the oldest command in line has waited; 0 when none does. Those that wait for a lock elsewhere do not count. */
  get waitMs(): number {
    const oldest = this.#clients[0];
    return oldest === undefined ? 0 : performance.now() - oldest.sinceMs;
  }

  /**
   * Puts a client's command in line.
   *
   * @param claim the idempotency key of the request, if it has one
   * @returns the outcome, after it is on disk; rejects only when the command hit a defect of ours
   */
  submit(command: StockCommand, claim: RecordedClaim | null = null): Promise<DeskOutcome> {
    if (this.#stopped || this.depth >= this.#limits.queueMax) return this.#refuse({ kind: "overloaded" });
    if (this.#isUnavailable()) return this.#refuse({ kind: "database_unavailable", effect: "none" });
    if (claim === null) return this.#enqueue(this.#clients, command, null);

    const key = `${placeOf(command)} ${claim.keyDigest}`;
    if (this.#keysInProgress.has(key)) return this.#refuse({ kind: "idempotency_in_progress" });
    this.#keysInProgress.add(key);
    return this.#enqueue(this.#clients, command, claim).finally(() => this.#keysInProgress.delete(key));
  }

  /** Puts a command of the sweeper in line. It takes a limited share of each transaction. */
  submitBackground(command: StockCommand): Promise<DeskOutcome> {
    if (this.#stopped) return this.#refuse({ kind: "overloaded" });
    if (this.#isUnavailable()) return this.#refuse({ kind: "database_unavailable", effect: "none" });
    return this.#enqueue(this.#background, command, null);
  }

  /** Serves what is in line, refuses what comes later, and closes the connections. */
  async stop(): Promise<void> {
    this.#stopped = true;
    do {
      await this.#working;
      // What waited there may come back to this line.
      await this.#lockedEvents.drain();
    } while (this.depth > 0 || this.#working !== null);
    await this.#lockedEvents.close();
    await this.#lane.close();
  }

  #refuse(
    outcome: Extract<
      DeskOutcome,
      { kind: "overloaded" | "database_unavailable" | "idempotency_in_progress" }
    >,
  ): Promise<DeskOutcome> {
    this.#outcomes.count(outcome.kind);
    return Promise.resolve(outcome);
  }

  #enqueue(line: WaitingCommand[], command: StockCommand, claim: RecordedClaim | null): Promise<DeskOutcome> {
    return new Promise((resolve, reject) => {
      const sinceMs = performance.now();
      const entry = this.#outcomes.follow({ command, claim, sinceMs, resolve, reject });
      if (this.#lockedEvents.take(entry)) return;
      line.push(entry);
      this.#working ??= this.#work();
    });
  }

  /** Those who come back have waited longer than anybody here. */
  #takeBack(entries: readonly WaitingCommand[]): void {
    this.#clients.unshift(...entries);
    if (entries.length > 0) this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    while (this.#clients.length + this.#background.length > 0) {
      const available = await this.#lane.serve({
        take: () => this.#nextBatch(),
        skipLocked: true,
        waitFirstFor: null,
        onLocked: (locked) => locked.forEach(({ entry, place }) => this.#lockedEvents.add(entry, place)),
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
