import type { HoardingTerms } from "../domain/hoarding-terms.ts";
import {
  DeskConnection,
  NotReplicatedError,
  selectTransactionStatus,
  UnknownCommitError,
} from "../store/desk-connection.ts";
import { readBackCommit } from "../store/read-back-commit.ts";
import { failureKindOf } from "../store/sqlstate.ts";
import { type BatchReport, isLocked } from "./batch-report.ts";
import { likelyPlaceOf } from "./command-needs.ts";
import { decideBatch, type DecidingOptions } from "./decide-batch.ts";
import { type LockedState, type LockingOptions, readUnderLock } from "./read-under-lock.ts";
import { runOneByOne } from "./run-one-by-one.ts";
import type { DeskOutcome, WaitingCommand } from "./waiting-command.ts";

/** How often a batch is tried when the database asks for it, as after a deadlock. */
const triesMax = 3;

export interface LaneOptions extends DecidingOptions {
  /** Null: buyers may let holds expire as often as they like. */
  readonly hoarding: HoardingTerms | null;
  readonly connectionString: string;
  readonly applicationName: string;
  readonly onReport: (report: BatchReport) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** A command that could not be served yet, and the event or cart that somebody else has locked. */
interface LockedCommand {
  readonly entry: WaitingCommand;
  readonly place: string;
}

/** How a lane is to serve. */
export interface LaneWork extends LockingOptions {
  /** The commands of the next transaction; none ends the work. */
  readonly take: () => Batch;
  /** Receives the commands that were left out, or whose wait for a lock was too long. */
  readonly onLocked: (locked: readonly LockedCommand[]) => void;
}

type Batch = readonly WaitingCommand[];

/** What came of a batch. */
interface Round {
  /** Tells everyone in it; must be called once. */
  readonly answer: () => void;
  readonly available: boolean;
}

/**
 * One connection, and at most one transaction on it: one exchange with the server locks and reads, a second one writes
 * and commits. The next batch is begun before the last one is answered, so that the database works while this
 * process writes replies.
 */
export class Lane {
  readonly #options: LaneOptions;
  #connection: DeskConnection | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /**
   * Serves batches until there are none, and answers their commands. Never throws.
   *
   * @returns false when the database could not be reached: whoever comes next need not try at once
   */
  async serve(work: LaneWork): Promise<boolean> {
    let answerPrevious = () => {};
    let available = true;
    for (let batch = work.take(); available && batch.length > 0; batch = available ? work.take() : []) {
      const round = await this.#serveRound(batch, work, answerPrevious);
      answerPrevious = round.answer;
      ({ available } = round);
    }
    answerPrevious();
    return available;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  /** Serves one batch. @param answerPrevious is called while the database is busy with this one */
  async #serveRound(batch: Batch, work: LaneWork, answerPrevious: () => void): Promise<Round> {
    const open = this.#connection?.lost === null ? this.#connection : null;
    const begun = open === null ? null : this.#read(open, batch, work);
    answerPrevious();
    let report: BatchReport | null = null;
    try {
      const connection = open ?? (await this.#connect());
      const state = await (begun ?? this.#read(connection, batch, work));
      const decision = decideBatch(batch, state, this.#options);
      ({ report } = decision);
      // A transaction that wrote nothing has nothing to wait for a disk for.
      if (decision.statements.length === 0) await connection.command("rollback");
      else await connection.commit(decision.statements, state.transactionId);
    } catch (error) {
      return this.#sortOut(batch, report, error, work, triesMax - 1);
    }
    // Outside of the try: whatever fails after the commit must not be taken for a failure of the commit.
    return this.#committed(batch, report, work);
  }

  /** Serves a batch again that failed as a whole, one command at a time. */
  async #serveOneByOne(batch: Batch, work: LaneWork, triesLeft: number): Promise<Round> {
    let report: BatchReport | null = null;
    try {
      const connection = this.#connection ?? (await this.#connect());
      const state = await this.#read(connection, batch, work);
      report = await runOneByOne(connection, batch, state, this.#options);
      await connection.commit([], state.transactionId);
    } catch (error) {
      return this.#sortOut(batch, report, error, work, triesLeft - 1);
    }
    return this.#committed(batch, report, work);
  }

  /**
   * Brings a batch whose transaction failed to a definite end.
   *
   * @param report what is true if the transaction was committed after all
   */
  async #sortOut(
    batch: Batch,
    report: BatchReport | null,
    error: unknown,
    work: LaneWork,
    triesLeft: number,
  ): Promise<Round> {
    const isQuiet = await this.#rollBack();
    if (error instanceof UnknownCommitError) {
      const status = await this.#readBack(error, report);
      if (status === "committed" && report !== null) return this.#committed(batch, report, work);
      return refused(batch, status === "aborted" ? "none" : "unknown", false);
    }
    if (error instanceof NotReplicatedError) {
      this.#options.onTrouble("A standby did not confirm a commit; it is answered as unknown.", error);
      return refused(batch, "unknown", true);
    }
    const kind = failureKindOf(error);
    const mayBeRepeated = kind === "retry" || kind === "bad_value";
    if (isQuiet && mayBeRepeated && triesLeft > 0) return this.#serveOneByOne(batch, work, triesLeft);
    if (isQuiet && kind === "lock_timeout") {
      // Which of the locks it was is not told.
      work.onLocked(batch.map((entry) => ({ entry, place: likelyPlaceOf(entry.command) })));
      return { answer: () => {}, available: true };
    }
    if (kind === "defect" || kind === "bad_value") {
      return { answer: () => batch.forEach((entry) => entry.reject(error)), available: true };
    }
    this.#options.onTrouble("A batch could not be served; nothing of it was written.", error);
    return refused(batch, "none", isQuiet && kind === "retry");
  }

  async #connect(): Promise<DeskConnection> {
    this.#connection = null;
    const { connectionString, applicationName } = this.#options;
    this.#connection = await DeskConnection.open(connectionString, applicationName);
    return this.#connection;
  }

  #read(connection: DeskConnection, batch: Batch, work: LaneWork): Promise<LockedState> {
    return readUnderLock(connection, batch, work, this.#options.hoarding);
  }

  /** Ends whatever transaction is open, or else the connection. @returns whether the connection can still be used */
  async #rollBack(): Promise<boolean> {
    const connection = this.#connection;
    if (connection === null) return false;
    try {
      if (connection.lost !== null) throw connection.lost;
      await connection.command("rollback");
      return true;
    } catch {
      // A connection that cannot even roll back is of no further use; the server ends its transaction.
      this.#connection = null;
      connection.close().catch(() => {});
      return false;
    }
  }

  #readBack(
    unknown: UnknownCommitError,
    report: BatchReport | null,
  ): Promise<"committed" | "aborted" | "unknown"> {
    const message = "The connection broke during a commit; reading back whether it took place.";
    this.#options.onTrouble(message, unknown);
    const { connectionString, applicationName } = this.#options;
    return readBackCommit(async () => {
      const connection = await DeskConnection.open(connectionString, applicationName);
      try {
        const asked = selectTransactionStatus(unknown.transactionId, report?.nowMs ?? 0);
        const [row] = await connection.run(asked);
        return row?.status ?? null;
      } finally {
        connection.close().catch(() => {});
      }
    });
  }

  /** Takes note of what is on disk now. The answers are left to the caller. */
  #committed(batch: Batch, report: BatchReport, work: LaneWork): Round {
    this.#options.onReport(report);
    const locked: LockedCommand[] = [];
    batch.forEach((entry, index) => {
      const outcome = report.outcomes[index];
      if (isLocked(outcome)) locked.push({ entry, place: outcome.place });
    });
    if (locked.length > 0) work.onLocked(locked);
    const answer = () => {
      batch.forEach((entry, index) => {
        const outcome = report.outcomes[index];
        if (outcome instanceof Error) entry.reject(outcome);
        else if (outcome === undefined) entry.reject(new Error("A command was left without an outcome."));
        else if (outcome.kind !== "locked") entry.resolve(outcome);
      });
    };
    return { answer, available: true };
  }
}

function refused(batch: Batch, effect: "none" | "unknown", available: boolean): Round {
  return { answer: () => answerAll(batch, { kind: "database_unavailable", effect }), available };
}

/** Gives all of these commands the same outcome. */
export function answerAll(batch: Batch, outcome: DeskOutcome): void {
  for (const entry of batch) entry.resolve(outcome);
}
