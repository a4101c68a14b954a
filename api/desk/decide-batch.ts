import type { StockCommand } from "../domain/commands.ts";
import { decideStock } from "../domain/decide-stock.ts";
import type { MakeReservationId, Reservation } from "../domain/reservation.ts";
import { StockBooks, type StockChanges } from "../domain/stock-books.ts";
import { type Notice, type NoticeGrounds, noticesOf } from "../domain/webhook-notices.ts";
import type { IdempotencyRecord } from "../store/idempotency-records.ts";
import type { Statement } from "../store/statement.ts";
import { type BatchReport, type LockedElsewhere, reportBatch } from "./batch-report.ts";
import { cartIdOf, locksOf, placeOf } from "./command-needs.ts";
import type { OrderPorts } from "./order-ports.ts";
import type { LockedState } from "./read-under-lock.ts";
import type { DeskOutcome, RecordedClaim, WaitingCommand } from "./waiting-command.ts";
import { writeChanges } from "./write-changes.ts";

const noNotices: readonly Notice[] = [];

/** What deciding takes besides what was read. */
export interface DecidingOptions extends OrderPorts {
  readonly makeId: MakeReservationId;
}

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
  options: DecidingOptions,
): BatchDecision {
  const { events, reservations, earliestHolds, nowMs, sales } = state;
  const books = new StockBooks(events.values(), reservations, earliestHolds, nowMs, state);
  const records: IdempotencyRecord[] = [];
  const outcomes = waiting.map((entry) => decideEntry(books, entry, state, records, options.makeId));
  const changes = books.changes();
  const ordersBefore = new Map(sales?.orders.map((order) => [order.id, order]));
  const notices = noticesSince({ reservations, orders: ordersBefore, events }, changes, state);
  const statements = writeChanges(changes, { records, ordersBefore, notices, nowMs }, options);
  return {
    report: reportBatch(outcomes, state, books, [...changes.updated, ...changes.inserted]),
    statements,
  };
}

/** What there is to tell of changes. Costs nothing while nobody listens. */
function noticesSince(
  before: Omit<NoticeGrounds, "reservations"> & { readonly reservations: readonly Reservation[] },
  changes: StockChanges,
  { listenedTypes }: LockedState,
): readonly Notice[] {
  if (listenedTypes.size === 0) return noNotices;
  const reservations = new Map(before.reservations.map((reservation) => [reservation.id, reservation]));
  return noticesOf(changes, { ...before, reservations }, listenedTypes);
}

/** Decides one command. @param records receives what is to be kept under its idempotency key */
export function decideEntry(
  books: StockBooks,
  { command, claim }: WaitingCommand,
  state: LockedState,
  records: IdempotencyRecord[],
  makeId: MakeReservationId,
): DeskOutcome | LockedElsewhere {
  const lockedPlace = findLockedPlace(command, state);
  if (lockedPlace !== null) return { kind: "locked", place: lockedPlace };
  if (claim === null) return decideStock(books, command, makeId);
  const record = state.records.get(claim.keyDigest);
  if (record !== undefined) return answerFromRecord(record, claim);

  const outcome = decideStock(books, withKey(command, claim), makeId);
  // What does not exist has no row to lock, so two such requests could not be told apart in time. And whoever is told
  // that a cart has changed, or to come later, asks again under the same key.
  const place = placeOf(command);
  const isGuarded = state.events.has(place) || state.cartIds.has(place);
  if (!isGuarded || outcome.kind === "cart_outdated" || outcome.kind === "hoarding") return outcome;
  const { keyDigest, requestDigest } = claim;
  if (outcome.kind === "order_begun") {
    // What comes of it is recorded when the order is settled.
    records.push({ eventId: place, keyDigest, requestDigest, reply: null });
    return outcome;
  }
  const reply = claim.render(outcome);
  records.push({ eventId: place, keyDigest, requestDigest, reply });
  return { kind: "recorded", reply, replayed: false };
}

/** The first lock that a command needs and another transaction has; null when it can be decided. */
function findLockedPlace(
  command: StockCommand,
  { events, cartIds, lockedElsewhere }: LockedState,
): string | null {
  const locked = locksOf(command).find((place) => lockedElsewhere.has(place));
  if (locked !== undefined) return locked;
  // The cart of a first item is made before it is locked. One that is missing all the same is being made elsewhere.
  const isCartMissing =
    command.kind === "put_cart_item" && events.has(command.eventId) && !cartIds.has(command.cartId);
  return isCartMissing ? cartIdOf(command) : null;
}

function answerFromRecord({ requestDigest, reply }: IdempotencyRecord, claim: RecordedClaim): DeskOutcome {
  if (requestDigest !== claim.requestDigest) return { kind: "idempotency_mismatch" };
  return reply === null ? { kind: "idempotency_in_progress" } : { kind: "recorded", reply, replayed: true };
}

/** An order knows the key under which it was begun, so that its end can be recorded there. */
function withKey(command: StockCommand, { keyDigest }: RecordedClaim): StockCommand {
  return command.kind === "begin_checkout" ? { ...command, keyDigest } : command;
}
