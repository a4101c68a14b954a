import type { Reservation } from "../domain/reservation.ts";
import { noticesOf } from "../domain/webhook-notices.ts";
import { deleteCarts } from "../store/carts.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import type { IdempotencyRecord } from "../store/idempotency-records.ts";
import {
  oneActiveReservation,
  reservationFromRow,
  type ReservationRow,
  selectActiveByUser,
} from "../store/reservations.ts";
import { constraintOf, failureKindOf } from "../store/sqlstate.ts";
import type { Statement } from "../store/statement.ts";
import { oneReservationPerPhone, selectActiveByPhone } from "../store/verified-phones.ts";
import { type BatchOutcome, type BatchReport, reportBatch } from "./batch-report.ts";
import { decideEntry, type DecidingOptions } from "./decide-batch.ts";
import { OpenPages } from "./open-pages.ts";
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
  options: DecidingOptions,
): Promise<BatchReport> {
  const pages = new OpenPages(state);
  const known = { reservations: pages.reservations, verifiedPhones: state.verifiedPhones };
  const tryOne = async (entry: WaitingCommand) => {
    const books = pages.openBooks();
    const records: IdempotencyRecord[] = [];
    const outcome = decideEntry(books, entry, state, records, options.makeId);
    // The carts that are empty so far may be for the commands that follow.
    const changes = { ...books.changes(), unusedCarts: [] };
    const notices = noticesOf(changes, pages, state.listenedTypes);
    const context = { records, ordersBefore: pages.orders, notices, nowMs: state.nowMs };
    try {
      await writeInSavepoint(connection, writeChanges(changes, context, options));
    } catch (error) {
      if (failureKindOf(error) !== "bad_value") throw error;
      await connection.command("rollback to savepoint one_command");
      return { outcome, error: brokenRule(entry, error) };
    }
    pages.enter(changes);
    return { outcome, error: null };
  };

  const outcomes: BatchOutcome[] = [];
  for (const entry of waiting) {
    let tried = await tryOne(entry);
    if (tried.error !== null && (await learnOfDuplicate(connection, entry, tried.error, known))) {
      tried = await tryOne(entry);
    }
    outcomes.push(tried.error ?? tried.outcome);
  }
  if (pages.unusedCarts.size > 0) await connection.run(deleteCarts([...pages.unusedCarts]));
  return reportBatch(outcomes, state, pages.openBooks(), pages.written);
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

interface KnownSoFar {
  readonly reservations: Map<string, Reservation>;
  readonly verifiedPhones: ReadonlyMap<string, string>;
}

/** Reads a reservation that somebody wrote without taking the lock. @returns whether there was one */
async function learnOfDuplicate(
  connection: DeskConnection,
  { command }: WaitingCommand,
  error: Error,
  { reservations, verifiedPhones }: KnownSoFar,
): Promise<boolean> {
  if (command.kind !== "hold" && command.kind !== "put_cart_item") return false;
  const constraint = constraintOf(error.cause);
  const phone = verifiedPhones.get(command.userId);
  let rows: ReservationRow[] = [];
  if (constraint === oneActiveReservation) rows = await connection.run(selectActiveByUser([command]));
  else if (constraint === oneReservationPerPhone && phone !== undefined)
    rows = await connection.run(selectActiveByPhone([{ eventId: command.eventId, customerId: null, phone }]));
  for (const row of rows) reservations.set(row.id, reservationFromRow(row));
  return rows.length > 0;
}
