import { sql } from "kysely";
import type { Reservation } from "../domain/reservation.ts";
import type { Database } from "./open-database.ts";
import { reservationFromRow, type ReservationRow } from "./reservations.ts";
import { sqlstateOf } from "./sqlstate.ts";

/** A reservation with the name of its event. */
export interface FoundReservation {
  readonly reservation: Reservation;
  readonly eventName: string;
}

/** What a search for a user may cost. */
const searchMaxMs = 1_500;

/** What the server says of a statement that took too long, or waited too long for a lock. */
const tooLong = new Set(["57014", "55P03"]);

interface FoundRow extends ReservationRow {
  event_name: string;
}

/** A reservation whose event is known by its number only. @returns null when there is none */
export async function selectReservationByNumber(
  database: Database,
  key: { readonly eventNumber: number; readonly id: string },
): Promise<FoundReservation | null> {
  const result = await sql<FoundRow>`
    select reservations.*, events.name as event_name from events
    join reservations on reservations.event_id = events.id
    where events.number = ${key.eventNumber} and reservations.id = ${key.id}`.execute(database);
  const row = result.rows[0];
  return row === undefined ? null : foundFromRow(row);
}

/**
 * A user's active reservations, newest first. Asks for each event in the index that makes them unique, which costs
 * a moment for each event, but never reads reservations that are not the user's.
 */
export function searchActiveReservations(
  database: Database,
  userId: string,
  reservationsMax: number,
): Promise<FoundReservation[]> {
  return search(database, async (transaction) => {
    await sql`set local enable_seqscan = off`.execute(transaction);
    await sql`set local enable_bitmapscan = off`.execute(transaction);
    return sql<FoundRow>`
      select found.*, events.name as event_name from events
      cross join lateral (
        select * from reservations
        where event_id = events.id and user_id = ${userId} and status in ('held', 'confirmed') limit 1
      ) as found
      order by found.created_at desc, found.id desc limit ${reservationsMax}`.execute(transaction);
  });
}

/**
 * A user's ended reservations, newest first. No index helps: it reads what there is for 1.5 seconds at most.
 *
 * @returns null when that was not enough
 */
export async function searchEndedReservations(
  database: Database,
  userId: string,
  reservationsMax: number,
): Promise<FoundReservation[] | null> {
  try {
    return await search(database, (transaction) =>
      sql<FoundRow>`
          select reservations.*, events.name as event_name from reservations
          join events on events.id = reservations.event_id
          where user_id = ${userId} and status in ('cancelled', 'expired')
          order by reservations.created_at desc, reservations.id desc limit ${reservationsMax}`.execute(
        transaction,
      ),
    );
  } catch (error) {
    if (tooLong.has(sqlstateOf(error) ?? "")) return null;
    throw error;
  }
}

async function search(
  database: Database,
  ask: (transaction: Database) => Promise<{ rows: FoundRow[] }>,
): Promise<FoundReservation[]> {
  const { rows } = await database.transaction().execute(async (transaction) => {
    await sql`set transaction read only`.execute(transaction);
    await sql.raw(`set local statement_timeout = ${searchMaxMs}`).execute(transaction);
    return ask(transaction);
  });
  return rows.map(foundFromRow);
}

function foundFromRow(row: FoundRow): FoundReservation {
  return { reservation: reservationFromRow(row), eventName: row.event_name };
}
