import type { StockOutcome } from "../domain/commands.ts";
import { decideStock, type MakeReservationId } from "../domain/decide-stock.ts";
import { StockBooks } from "../domain/stock-books.ts";
import type { IdempotencyRecord } from "../store/idempotency-records.ts";
import type { Statement } from "../store/statement.ts";
import { type BatchReport, reportBatch } from "./batch-report.ts";
import type { LockedState } from "./read-under-lock.ts";
import type { DeskOutcome, WaitingCommand } from "./waiting-command.ts";
import { writeChanges } from "./write-changes.ts";

/** What was decided for a batch, before it is on disk. */
export interface BatchDecision {
  /** What is true once the statements are committed. */
  readonly report: BatchReport;
  /** Empty when nothing changes. */
  readonly statements: readonly Statement[];
}

/** Decides commands in order of arrival against what was read under the lock. Does no I/O. */
export function decideBatch(
  waiting: readonly WaitingCommand[],
  state: LockedState,
  makeId: MakeReservationId,
): BatchDecision {
  const books = new StockBooks(state.events.values(), state.reservations, state.earliestHolds, state.nowMs);
  const records: IdempotencyRecord[] = [];
  const outcomes = waiting.map((entry) => decideEntry(books, entry, state, records, makeId));
  const changes = books.changes();
  const statements = writeChanges(changes, records, state.nowMs);
  return {
    report: reportBatch(outcomes, state, books, [...changes.updated, ...changes.inserted]),
    statements,
  };
}

/** Decides one command. @param records receives what is to be kept under its idempotency key */
export function decideEntry(
  books: StockBooks,
  { command, claim }: WaitingCommand,
  state: LockedState,
  records: IdempotencyRecord[],
  makeId: MakeReservationId,
): DeskOutcome | "locked" {
  if (state.lockedElsewhere.has(command.eventId)) return "locked";
  if (claim === null) return decideStock(books, command, makeId);
  const record = state.records.get(claim.keyDigest);
  if (record !== undefined) {
    if (record.requestDigest !== claim.requestDigest) return { kind: "idempotency_mismatch" };
    return { kind: "recorded", reply: record, replayed: true };
  }
  const outcome: StockOutcome = decideStock(books, command, makeId);
  // An event that does not exist has no row to lock, so two such requests could not be told apart in time.
  if (!state.events.has(command.eventId)) return outcome;
  const reply = claim.render(outcome);
  const { keyDigest, requestDigest } = claim;
  const { status, body } = reply;
  records.push({ eventId: command.eventId, keyDigest, requestDigest, status, body });
  return { kind: "recorded", reply, replayed: false };
}
