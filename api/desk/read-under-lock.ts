import type { SalesRead } from "../domain/cart-books.ts";
import type {
  HoldCommand,
  PutCartItemCommand,
  ReservationCommand,
  StockCommand,
} from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import type { RestockCommand } from "../domain/restock-commands.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { RestockOrder } from "../domain/restock-order.ts";
import type { HoardingTerms } from "../domain/hoarding-terms.ts";
import { listenedTypesOf, type NoticeType } from "../domain/webhook-notices.ts";
import { lockCarts, selectExistingCarts } from "../store/carts.ts";
import { type DeskConnection, selectClock } from "../store/desk-connection.ts";
import { eventFromRow, lockEvents, selectExistingEvents } from "../store/events.ts";
import { type IdempotencyRecord, recordFromRow, selectRecords } from "../store/idempotency-records.ts";
import { lockRestockOrders, restockOrderFromRow } from "../store/restock-orders.ts";
import {
  reservationFromRow,
  selectActiveByUser,
  selectByKey,
  type selectEarliestHolds,
  selectLatestLapses,
} from "../store/reservations.ts";
import type { selectActiveByPhone, selectVerifiedPhones } from "../store/verified-phones.ts";
import { eventIdsOfAll, placeOf } from "./command-needs.ts";
import {
  earliestHoldsFromRows,
  findShortEvents,
  type ReadSoFar,
  sendEarliestHolds,
} from "./read-earliest-holds.ts";
import {
  type CartLockRows,
  type CartReadRows,
  type RowsOf,
  type SalesNeeds,
  salesFromRows,
  salesNeedsOf,
  sendCartLocks,
  sendCartReads,
} from "./read-sales.ts";
import { phoneNeedsOf, sendPhoneReads } from "./read-verified-phones.ts";
import type { WaitingCommand } from "./waiting-command.ts";

/** Everything that the decisions of one transaction rest on, read after the locks were taken. */
export interface LockedState {
  readonly events: ReadonlyMap<string, Event>;
  /** The carts that are locked here. */
  readonly cartIds: ReadonlySet<string>;
  /** Events and carts that exist, but whose rows another transaction has locked. */
  readonly lockedElsewhere: ReadonlySet<string>;
  readonly reservations: readonly Reservation[];
  /** Of the users who ask for tickets of events that ask for a phone, by their ids. */
  readonly verifiedPhones: ReadonlyMap<string, string>;
  /** For each event that cannot serve all who ask: its holds that end first. */
  readonly earliestHolds: ReadonlyMap<string, readonly Reservation[]>;
  readonly records: ReadonlyMap<string, IdempotencyRecord>;
  /** Null when no command is about a cart. */
  readonly sales: SalesRead | null;
  /** Those that the commands name. */
  readonly restockOrders: readonly RestockOrder[];
  /** Null where buyers may let holds expire as often as they like. */
  readonly hoarding: HoardingTerms | null;
  /** What somebody wants to be told of. */
  readonly listenedTypes: ReadonlySet<NoticeType>;
  readonly nowMs: number;
  readonly transactionId: string;
}

/** How the locks of a transaction are taken. */
export interface LockingOptions {
  /** Leaves out what another transaction has locked, instead of waiting for it. */
  readonly skipLocked: boolean;
  /**
   * An event or a cart that is locked elsewhere, as far as is known. It is waited for with empty hands, before anything
   * is locked, so that nobody has to wait along.
   */
  readonly waitFirstFor: string | null;
}

interface Asked {
  readonly eventIds: readonly string[];
  readonly needs: SalesNeeds | null;
  readonly skipLocked: boolean;
  readonly hoarding: HoardingTerms | null;
}

type Answers = [
  begun: void,
  RowsOf<typeof lockEvents>,
  ...CartLockRows,
  NonNullable<(typeof selectClock)["row"]>[],
  RowsOf<typeof selectActiveByUser>,
  RowsOf<typeof selectByKey>,
  RowsOf<typeof selectRecords>,
  RowsOf<typeof lockRestockOrders>,
  RowsOf<typeof selectLatestLapses>,
  ...CartReadRows,
];

type FurtherAnswers = [
  RowsOf<typeof selectEarliestHolds>,
  RowsOf<typeof selectVerifiedPhones>,
  RowsOf<typeof selectActiveByPhone>,
];

/**
 * Begins a transaction, locks the events that the commands name and then their carts, and reads what the decisions
 * need.
 *
 * @param hoarding null where buyers may let holds expire as often as they like
 */
export async function readUnderLock(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  { skipLocked, waitFirstFor }: LockingOptions,
  hoarding: HoardingTerms | null,
): Promise<LockedState> {
  const commands = waiting.map((entry) => entry.command);
  const eventIds = eventIdsOfAll(commands);
  const needs = salesNeedsOf(commands);
  if (waitFirstFor !== null) await waitUntilFree(connection, waitFirstFor);
  const answers = await ask(connection, waiting, { eventIds, needs, skipLocked, hoarding });
  const [
    ,
    eventRows,
    claimed,
    carts,
    clockRows,
    activeRows,
    namedRows,
    recordRows,
    restockRows,
    lapsedRows,
    ...cartRows
  ] = answers;
  const [itemRows, limits, orders] = cartRows;

  const clock = clockRows[0];
  if (clock === undefined) throw new Error("The database gave no time.");
  const events = new Map(eventRows.map((row) => [row.id, eventFromRow(row)]));
  const cartIds = new Set(carts.map(({ id }) => id));
  const read = {
    events,
    reservations: [...activeRows, ...namedRows, ...itemRows, ...lapsedRows].map(reservationFromRow),
    sales: needs === null ? null : salesFromRows({ claimed, carts, limits, orders }),
    nowMs: clock.now,
  };
  const missing = {
    events: eventIds.filter((id) => !events.has(id)),
    carts: needs === null ? [] : needs.cartIds.filter((id) => !cartIds.has(id)),
  };
  const lockedElsewhere = skipLocked ? await findExisting(connection, missing) : new Set<string>();
  return {
    ...read,
    ...(await readFurther(connection, commands, read)),
    cartIds,
    lockedElsewhere,
    records: new Map(recordRows.map((row) => [row.key_digest, recordFromRow(row)])),
    restockOrders: restockRows.map(restockOrderFromRow),
    hoarding,
    listenedTypes: listenedTypesOf(clock.listened_types),
    transactionId: clock.transaction_id,
  };
}

/**
 * Sends everything as one packet. Each lock is a statement of its own, so that each later read sees what the last
 * holder committed; the reads are sent along with it, since they do not depend on its answer.
 */
function ask(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  { eventIds, needs, skipLocked, hoarding }: Asked,
): Promise<Answers> {
  const commands = waiting.map((entry) => entry.command);
  const asking = commands.filter(isAskingForTickets);
  // Only buyers are judged, so that a shop's own holds do not pay for it.
  const judged = hoarding === null ? [] : asking.filter(({ requester }) => requester?.role === "buyer");
  const named = commands
    .filter(isReservationCommand)
    .map(({ eventId, reservationId }) => ({ eventId, id: reservationId }));
  const restocks = commands
    .filter(isRestockCommand)
    .map(({ eventId, restockOrderId }) => ({ eventId, id: restockOrderId }));
  const claims = waiting.flatMap(({ command, claim }) =>
    claim === null ? [] : [{ eventId: placeOf(command), keyDigest: claim.keyDigest }],
  );
  return connection.together<Answers>(() => [
    connection.command("begin"),
    connection.run(lockEvents(eventIds, skipLocked)),
    ...sendCartLocks(connection, needs, skipLocked),
    connection.run(selectClock),
    asking.length > 0 ? connection.run(selectActiveByUser(asking)) : [],
    named.length > 0 ? connection.run(selectByKey(named)) : [],
    claims.length > 0 ? connection.run(selectRecords(claims)) : [],
    restocks.length > 0 ? connection.run(lockRestockOrders(restocks)) : [],
    hoarding !== null && judged.length > 0
      ? connection.run(selectLatestLapses(judged, hoarding.holdsMax))
      : [],
    ...sendCartReads(connection, needs),
  ]);
}

/** Reads in one more exchange what only some batches need: for short events, and for those that ask for a phone. */
async function readFurther(
  connection: DeskConnection,
  commands: readonly StockCommand[],
  read: ReadSoFar,
): Promise<Pick<LockedState, "earliestHolds" | "verifiedPhones" | "reservations">> {
  const shortIds = findShortEvents(commands, read);
  const phoneNeeds = phoneNeedsOf(commands, read);
  if (shortIds.length === 0 && phoneNeeds === null)
    return { earliestHolds: new Map(), verifiedPhones: new Map(), reservations: read.reservations };
  const [holdRows, phoneRows, activeRows] = await connection.together<FurtherAnswers>(() => [
    sendEarliestHolds(connection, shortIds),
    ...sendPhoneReads(connection, phoneNeeds),
  ]);
  return {
    earliestHolds: earliestHoldsFromRows(holdRows),
    verifiedPhones: new Map(phoneRows.map((row) => [row.id, row.phone_number])),
    reservations: [...read.reservations, ...activeRows.map(reservationFromRow)],
  };
}

/** Waits until a row is free, in a transaction of its own that lets go of it at once. */
async function waitUntilFree(connection: DeskConnection, place: string): Promise<void> {
  await connection.together(() => [
    connection.command("begin"),
    connection.run(lockEvents([place], false)),
    connection.run(lockCarts([place], false)),
    connection.command("rollback"),
  ]);
}

/** Tells which of what was not locked is there all the same. */
async function findExisting(
  connection: DeskConnection,
  missing: { readonly events: readonly string[]; readonly carts: readonly string[] },
): Promise<Set<string>> {
  const [events, carts] = await connection.together<[{ id: string }[], { id: string }[]]>(() => [
    missing.events.length > 0 ? connection.run(selectExistingEvents(missing.events)) : [],
    missing.carts.length > 0 ? connection.run(selectExistingCarts(missing.carts)) : [],
  ]);
  return new Set([...events, ...carts].map(({ id }) => id));
}

function isAskingForTickets(command: StockCommand): command is HoldCommand | PutCartItemCommand {
  return command.kind === "hold" || command.kind === "put_cart_item";
}

function isRestockCommand(command: StockCommand): command is RestockCommand {
  return "restockOrderId" in command;
}

function isReservationCommand(command: StockCommand): command is ReservationCommand {
  return "reservationId" in command;
}
