import type { StockOutcome } from "../domain/commands.ts";
import { decideStock, type MakeReservationId } from "../domain/decide-stock.ts";
import type { Event } from "../domain/event.ts";
import type { Reservation } from "../domain/reservation.ts";
import { type StockChanges, StockBooks } from "../domain/stock-books.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import type { IdempotencyRecord } from "../store/idempotency-records.ts";
import { oneActiveReservation, reservationFromRow, selectActiveByUser } from "../store/reservations.ts";
import { constraintOf, failureKindOf } from "../store/sqlstate.ts";
import { type LockedState, readUnderLock } from "./read-under-lock.ts";
import type { DeskOutcome, WaitingCommand } from "./waiting-command.ts";
import { writeChanges } from "./write-changes.ts";

/** What one transaction did for each of its commands, in their order. */
export interface BatchReport {
  /** An Error stands for a command that failed alone; "locked" for one whose event another transaction has. */
  readonly outcomes: readonly (DeskOutcome | Error | "locked")[];
  /** The events as they are now, and when their next hold ends as far as that was looked up. */
  readonly events: readonly { readonly event: Event; readonly nextExpiryAtMs: number | null }[];
  /** Every reservation that was made or changed, as it is now. */
  readonly reservations: readonly Reservation[];
  readonly nowMs: number;
}

/** The connection broke during the commit: whether it took place must be read back, never guessed. */
export class UnknownCommitError extends Error {
  readonly transactionId: string;
  /** What is true if it did take place. */
  readonly report: BatchReport;

  constructor(transactionId: string, report: BatchReport, cause: unknown) {
    super("The connection to the database broke during a commit.", { cause });
    this.transactionId = transactionId;
    this.report = report;
  }
}

/** The commit is on this server's disk, but a standby that should have confirmed it has not. */
export class NotReplicatedError extends Error {}

/** What was decided for a batch, before it is on disk. */
interface Decision {
  readonly outcomes: (DeskOutcome | Error | "locked")[];
  readonly statements: number;
  readonly books: StockBooks;
  readonly reservations: readonly Reservation[];
}

/**
 * Serves commands in one transaction: locks their events, reads, decides, writes, commits. Nobody is told
 * anything before the commit is answered.
 *
 * @param connection has no transaction open, and has none open afterwards unless this throws
 * @param options.skipLocked leaves commands for events that are locked elsewhere, as "locked"
 * @throws whatever ended the transaction as a whole; nothing was written then, except for UnknownCommitError
 */
export async function runBatch(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  options: { readonly skipLocked: boolean; readonly makeId: MakeReservationId },
): Promise<BatchReport> {
  const state = await readUnderLock(connection, waiting, options.skipLocked);
  const decision = await decideAndWrite(connection, waiting, state, options.makeId);
  const report: BatchReport = {
    outcomes: decision.outcomes,
    events: [...state.events.keys()].flatMap((id) => {
      const event = decision.books.event(id);
      if (event === undefined) return [];
      return [{ event, nextExpiryAtMs: event.available > 0 ? null : decision.books.nextExpiryAtMs(id) }];
    }),
    reservations: decision.reservations,
    nowMs: state.nowMs,
  };
  if (decision.statements === 0) {
    // Nothing was written, so there is nothing to wait for a disk for.
    await connection.command("rollback");
    return report;
  }
  await commit(connection, state.transactionId, report);
  return report;
}

async function commit(connection: DeskConnection, transactionId: string, report: BatchReport): Promise<void> {
  let result: Awaited<ReturnType<DeskConnection["commit"]>>;
  try {
    result = await connection.commit();
  } catch (error) {
    throw new UnknownCommitError(transactionId, report, error);
  }
  switch (result) {
    case "committed":
      return;
    case "rolled_back":
      throw new Error("The database rolled back a transaction that was to be committed.");
    case "not_replicated":
      throw new NotReplicatedError("A standby did not confirm a commit.");
  }
}

/** Decides for the whole batch and writes it set by set; if a value in it is bad, one command at a time. */
async function decideAndWrite(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  state: LockedState,
  makeId: MakeReservationId,
): Promise<Decision> {
  const books = new StockBooks(state.events.values(), state.reservations, state.earliestHolds, state.nowMs);
  const records: IdempotencyRecord[] = [];
  const outcomes = waiting.map((entry) => decideOne(books, entry, state, records, makeId));
  const changes = books.changes();
  const reservations = [...changes.updated, ...changes.inserted];
  const statements = writeChanges(changes, records, state.nowMs);
  if (statements.length === 0) return { outcomes, statements: 0, books, reservations };
  try {
    await runInSavepoint(connection, "batch", statements);
    return { outcomes, statements: statements.length, books, reservations };
  } catch (error) {
    if (failureKindOf(error) !== "bad_value") throw error;
    await connection.command("rollback to savepoint batch");
    return decideOneByOne(connection, waiting, state, makeId);
  }
}

/** Applies each command in a savepoint of its own, so that one that fails does not fail its neighbours. */
async function decideOneByOne(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  state: LockedState,
  makeId: MakeReservationId,
): Promise<Decision> {
  const events = new Map<string, Event>(state.events);
  const reservations = new Map(state.reservations.map((reservation) => [reservation.id, reservation]));
  const openBooks = () =>
    new StockBooks(events.values(), reservations.values(), openHolds(state, reservations), state.nowMs);
  const outcomes: Decision["outcomes"] = [];
  const written: Reservation[] = [];
  let statementCount = 0;
  const tryOne = async (entry: WaitingCommand) => {
    const books = openBooks();
    const records: IdempotencyRecord[] = [];
    const outcome = decideOne(books, entry, state, records, makeId);
    const changes = books.changes();
    const statements = writeChanges(changes, records, state.nowMs);
    try {
      if (statements.length > 0) await runInSavepoint(connection, "command", statements);
    } catch (error) {
      if (failureKindOf(error) !== "bad_value") throw error;
      await connection.command("rollback to savepoint command");
      return { outcome, error: brokenRule(entry, error) };
    }
    statementCount += statements.length;
    written.push(...changes.updated, ...changes.inserted);
    apply(changes, events, reservations);
    return { outcome, error: null };
  };
  for (const entry of waiting) {
    let tried = await tryOne(entry);
    if (tried.error !== null && (await learnOfDuplicate(connection, entry, tried.error, reservations))) {
      tried = await tryOne(entry);
    }
    outcomes.push(tried.error ?? tried.outcome);
  }
  return { outcomes, statements: statementCount, books: openBooks(), reservations: written };
}

function brokenRule({ command }: WaitingCommand, cause: unknown): Error {
  return new Error(`A ${command.kind} command broke ${constraintOf(cause) ?? "a rule of the database"}.`, {
    cause,
  });
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

async function runInSavepoint(
  connection: DeskConnection,
  name: "batch" | "command",
  statements: readonly Parameters<DeskConnection["run"]>[0][],
): Promise<void> {
  await connection.together(() => [
    connection.command(`savepoint ${name}`),
    ...statements.map((statement) => connection.run(statement)),
  ]);
}

function decideOne(
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
  records.push({
    eventId: command.eventId,
    keyDigest,
    requestDigest,
    status: reply.status,
    body: reply.body,
  });
  return { kind: "recorded", reply, replayed: false };
}

function apply(
  changes: StockChanges,
  events: Map<string, Event>,
  reservations: Map<string, Reservation>,
): void {
  for (const event of changes.events) events.set(event.id, event);
  for (const reservation of [...changes.updated, ...changes.inserted])
    reservations.set(reservation.id, reservation);
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
