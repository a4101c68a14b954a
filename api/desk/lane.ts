import type { MakeReservationId } from "../domain/decide-stock.ts";
import { DeskConnection, selectTransactionStatus } from "../store/desk-connection.ts";
import { readBackCommit, type TransactionStatus } from "../store/read-back-commit.ts";
import { failureKindOf } from "../store/sqlstate.ts";
import { type BatchReport, NotReplicatedError, runBatch, UnknownCommitError } from "./run-batch.ts";
import type { DeskOutcome, WaitingCommand } from "./waiting-command.ts";

/** How often a batch is tried when the database asks for it, as after a deadlock. */
const triesMax = 3;

export interface LaneOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  readonly makeId: MakeReservationId;
  readonly onReport: (report: BatchReport) => void;
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** What a lane could do for a batch. Commands that are in neither list have been answered. */
export interface Served {
  /** Their events are locked by another transaction. */
  readonly locked: readonly WaitingCommand[];
  /** False when the database could not be reached: whoever comes next need not try at once. */
  readonly available: boolean;
}

/** One connection, and at most one transaction on it. Opens the connection when it is needed. */
export class Lane {
  readonly #options: LaneOptions;
  #connection: DeskConnection | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Serves a batch in one transaction and answers its commands. Never throws. */
  async serve(batch: readonly WaitingCommand[], options: { readonly skipLocked: boolean }): Promise<Served> {
    for (let tries = 1; ; tries += 1) {
      try {
        const connection = await this.#connect();
        const report = await runBatch(connection, batch, { ...options, makeId: this.#options.makeId });
        return { locked: this.#settle(batch, report), available: true };
      } catch (error) {
        const kind = failureKindOf(error);
        const recovered = await this.#recover();
        if (kind === "lock_timeout" && recovered) return { locked: batch, available: true };
        if (kind === "retry" && recovered && tries < triesMax) continue;
        return this.#fail(batch, error);
      }
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  async #connect(): Promise<DeskConnection> {
    if (this.#connection !== null && this.#connection.lost === null) return this.#connection;
    this.#connection = null;
    this.#connection = await DeskConnection.open(
      this.#options.connectionString,
      this.#options.applicationName,
    );
    return this.#connection;
  }

  /** Brings the connection back to a state without a transaction, or gives it up. */
  async #recover(): Promise<boolean> {
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

  async #askWhatBecameOf(transactionId: string): Promise<TransactionStatus> {
    const { connectionString, applicationName } = this.#options;
    const connection = await DeskConnection.open(connectionString, applicationName);
    try {
      const [row] = await connection.run(selectTransactionStatus(transactionId));
      return row?.status ?? null;
    } finally {
      connection.close().catch(() => {});
    }
  }

  #settle(batch: readonly WaitingCommand[], report: BatchReport): WaitingCommand[] {
    this.#options.onReport(report);
    const locked: WaitingCommand[] = [];
    batch.forEach((entry, index) => {
      const outcome = report.outcomes[index];
      if (outcome === "locked") locked.push(entry);
      else if (outcome instanceof Error) entry.reject(outcome);
      else if (outcome === undefined) entry.reject(new Error("A command was left without an outcome."));
      else entry.resolve(outcome);
    });
    return locked;
  }

  async #fail(batch: readonly WaitingCommand[], error: unknown): Promise<Served> {
    if (error instanceof UnknownCommitError) {
      this.#options.onTrouble(
        "The connection broke during a commit; reading back whether it took place.",
        error,
      );
      const status = await readBackCommit(() => this.#askWhatBecameOf(error.transactionId));
      if (status === "committed") return { locked: this.#settle(batch, error.report), available: true };
      answerAll(batch, { kind: "database_unavailable", effect: status === "aborted" ? "none" : "unknown" });
      return { locked: [], available: false };
    }
    if (error instanceof NotReplicatedError) {
      this.#options.onTrouble(
        "A standby did not confirm a commit; its commands are answered as unknown.",
        error,
      );
      answerAll(batch, { kind: "database_unavailable", effect: "unknown" });
      return { locked: [], available: true };
    }
    if (failureKindOf(error) === "defect" || failureKindOf(error) === "bad_value") {
      for (const entry of batch) entry.reject(error);
      return { locked: [], available: true };
    }
    this.#options.onTrouble("A batch could not be served; nothing of it was written.", error);
    answerAll(batch, { kind: "database_unavailable", effect: "none" });
    return { locked: [], available: failureKindOf(error) === "retry" };
  }
}

/** Gives all of these commands the same outcome. */
export function answerAll(batch: readonly WaitingCommand[], outcome: DeskOutcome): void {
  for (const entry of batch) entry.resolve(outcome);
}
