import type { MakeReservationId } from "../domain/decide-stock.ts";
import type { Event } from "../domain/event.ts";
import type { Reservation } from "../domain/reservation.ts";
import { StockBooks } from "../domain/stock-books.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import type { IdempotencyRecord } from "../store/idempotency-records.ts";
import { oneActiveReservation, reservationFromRow, selectActiveByUser } from "../store/reservations.ts";
import { constraintOf, failureKindOf } from "../store/sqlstate.ts";
import type { Statement } from "../store/statement.ts";
import { type BatchOutcome, type BatchReport, reportBatch } from "./batch-report.ts";
import { decideEntry } from "./decide-batch.ts";
import type { LockedState } from "./read-under-lock.ts";
import type { WaitingCommand } from "./waiting-command.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * Serves a batch that failed as a whole: each command is decided and written in a savepoint of its own, so that one
 * bad command does not fail its neighbours. The caller has begun the transaction and commits it.
 *
 * @throws whatever is not the fault of a single command
 */
export async function runOneByOne(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  state: LockedState,
  makeId: MakeReservationId,
): Promise<BatchReport> {
  const events = new Map<string, Event>(state.events);
  const reservations = new Map(state.reservations.map((reservation) => [reservation.id, reservation]));
  const written: Reservation[] = [];
  const openBooks = () =>
    new StockBooks(events.values(), reservations.values(), openHolds(state, reservations), state.nowMs);

  const tryOne = async (entry: WaitingCommand) => {
    const books = openBooks();
    const records: IdempotencyRecord[] = [];
    const outcome = decideEntry(books, entry, state, records, makeId);
    const changes = books.changes();
    try {
      await writeInSavepoint(connection, writeChanges(changes, records, state.nowMs));
    } catch (error) {
      if (failureKindOf(error) !== "bad_value") throw error;
      await connection.command("rollback to savepoint one_command");
      return { outcome, error: brokenRule(entry, error) };
    }
    for (const event of changes.events) events.set(event.id, event);
    for (const changed of [...changes.updated, ...changes.inserted]) {
      reservations.set(changed.id, changed);
      written.push(changed);
    }
    return { outcome, error: null };
  };

  const outcomes: BatchOutcome[] = [];
  for (const entry of waiting) {
    let tried = await tryOne(entry);
    if (tried.error !== null && (await learnOfDuplicate(connection, entry, tried.error, reservations))) {
      tried = await tryOne(entry);
    }
    outcomes.push(tried.error ?? tried.outcome);
  }
  return reportBatch(outcomes, state, openBooks(), written);
}

async function writeInSavepoint(connection: DeskConnection, statements: readonly Statement[]): Promise<void> {
  if (statements.length === 0) return;
  await connection.together(() => [
    connection.command("savepoint one_command"),
    ...statements.map((statement) => connection.run(statement)),
  ]);
}

function brokenRule({ command }: WaitingCommand, cause: unknown): Error {
  const rule = constraintOf(cause) ?? "a rule of the database";
  return new Error(`A ${command.kind} command broke ${rule}.`, { cause });
}

/** Reads a reservation that somebody wrote without taking the lock. @returns whether there was one */
async function learnOfDuplicate(
  connection: DeskConnection,
  { command }: WaitingCommand,
  error: Error,
  reservations: Map<string, Reservation>,
): Promise<boolean> {
  if (command.kind !== "hold" || constraintOf(error.cause) !== oneActiveReservation) return false;
  const rows = await connection.run(selectActiveByUser([command]));
  for (const row of rows) reservations.set(row.id, reservationFromRow(row));
  return rows.length > 0;
}

/** The earliest holds as they are after the commands that came before. */
function openHolds(
  state: LockedState,
  reservations: ReadonlyMap<string, Reservation>,
): Map<string, Reservation[]> {
  const holds = new Map<string, Reservation[]>();
  for (const [eventId, earliest] of state.earliestHolds) {
    holds.set(
      eventId,
      earliest.map((hold) => reservations.get(hold.id) ?? hold),
    );
  }
  return holds;
}
