import type { HoldCommand, ReservationCommand, StockCommand } from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import type { Reservation } from "../domain/reservation.ts";
import { type DeskConnection, selectClock } from "../store/desk-connection.ts";
import { eventFromRow, lockEvents, selectExistingEvents } from "../store/events.ts";
import { type IdempotencyRecord, recordFromRow, selectRecords } from "../store/idempotency-records.ts";
import {
  reservationFromRow,
  selectActiveByUser,
  selectByKey,
  selectEarliestHolds,
} from "../store/reservations.ts";
import type { Statement } from "../store/statement.ts";
import type { WaitingCommand } from "./waiting-command.ts";

/** Everything that the decisions of one transaction rest on, read after the locks were taken. */
export interface LockedState {
  readonly events: ReadonlyMap<string, Event>;
  /** Events that exist, but whose rows another transaction has locked. */
  readonly lockedElsewhere: ReadonlySet<string>;
  readonly reservations: readonly Reservation[];
  /** For each event that cannot serve all who ask: its holds that end first. */
  readonly earliestHolds: ReadonlyMap<string, readonly Reservation[]>;
  readonly records: ReadonlyMap<string, IdempotencyRecord>;
  readonly nowMs: number;
  readonly transactionId: string;
}

type RowsOf<MakeStatement extends (...asked: never[]) => Statement> = NonNullable<
  ReturnType<MakeStatement>["row"]
>[];
type Answers = [
  void,
  RowsOf<typeof lockEvents>,
  NonNullable<(typeof selectClock)["row"]>[],
  RowsOf<typeof selectActiveByUser>,
  RowsOf<typeof selectByKey>,
  RowsOf<typeof selectRecords>,
];

/** How many of an event's holds are looked at when its stock does not suffice. */
const earliestHoldsMax = 100;

/**
 * Begins a transaction, locks the events that the commands name, and reads what the decisions need.
 * The lock is a statement of its own, so that each later read sees what the last holder committed; the reads
 * are sent along with it, since they do not depend on its answer.
 *
 * @param skipLocked leaves out the events that another transaction has locked, instead of waiting for them
 */
export async function readUnderLock(
  connection: DeskConnection,
  waiting: readonly WaitingCommand[],
  skipLocked: boolean,
): Promise<LockedState> {
  const commands = waiting.map((entry) => entry.command);
  const eventIds = [...new Set(commands.map((command) => command.eventId))];
  const holds = commands.filter(isHold);
  const named = commands
    .filter(isReservationCommand)
    .map(({ eventId, reservationId }) => ({ eventId, id: reservationId }));
  const claims = waiting.flatMap(({ command, claim }) =>
    claim === null ? [] : [{ eventId: command.eventId, keyDigest: claim.keyDigest }],
  );

  const [, eventRows, clockRows, activeRows, namedRows, recordRows] = await connection.together<Answers>(
    () => [
      connection.command("begin"),
      connection.run(lockEvents(eventIds, skipLocked)),
      connection.run(selectClock),
      holds.length > 0 ? connection.run(selectActiveByUser(holds)) : [],
      named.length > 0 ? connection.run(selectByKey(named)) : [],
      claims.length > 0 ? connection.run(selectRecords(claims)) : [],
    ],
  );

  const clock = clockRows[0];
  if (clock === undefined) throw new Error("The database gave no time.");
  const events = new Map(eventRows.map((row) => [row.id, eventFromRow(row)]));
  const missing = eventIds.filter((id) => !events.has(id));
  const existing =
    skipLocked && missing.length > 0 ? await connection.run(selectExistingEvents(missing)) : [];
  return {
    events,
    lockedElsewhere: new Set(existing.map((row) => row.id)),
    reservations: [...activeRows, ...namedRows].map(reservationFromRow),
    earliestHolds: await readEarliestHolds(connection, events, commands),
    records: new Map(recordRows.map((row) => [row.key_digest, recordFromRow(row)])),
    nowMs: clock.now,
    transactionId: clock.transaction_id,
  };
}

/** Only events that cannot serve everyone in this batch need it, so a selling event does not pay for it. */
async function readEarliestHolds(
  connection: DeskConnection,
  events: ReadonlyMap<string, Event>,
  commands: readonly StockCommand[],
): Promise<Map<string, Reservation[]>> {
  const asked = new Map<string, number>();
  for (const command of commands) {
    // A change may take any number of tickets away from those who ask after it.
    const quantity =
      command.kind === "hold" ? command.quantity : command.kind === "change_event" ? Infinity : 0;
    asked.set(command.eventId, (asked.get(command.eventId) ?? 0) + quantity);
  }
  const short = [...events.values()].filter(
    (event) => event.held > 0 && event.available < (asked.get(event.id) ?? 0),
  );
  const earliest = new Map<string, Reservation[]>();
  if (short.length === 0) return earliest;
  const shortIds = short.map((event) => event.id);
  for (const row of await connection.run(selectEarliestHolds(shortIds, earliestHoldsMax))) {
    const ofEvent = earliest.get(row.event_id) ?? [];
    ofEvent.push(reservationFromRow(row));
    earliest.set(row.event_id, ofEvent);
  }
  return earliest;
}

function isHold(command: StockCommand): command is HoldCommand {
  return command.kind === "hold";
}

function isReservationCommand(command: StockCommand): command is ReservationCommand {
  return "reservationId" in command;
}
