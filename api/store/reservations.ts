import { type Selectable, sql } from "kysely";
import type { Reservation, ReservationStatus } from "../domain/reservation.ts";
import type { PageRequest } from "../kernel/page.ts";
import { instantArray, instantList, plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";

export type ReservationRow = Selectable<Schema["reservations"]>;

/** The columns of a reservation, in an order that every statement shares. */
export const reservationColumns = [
  "event_id",
  "id",
  "user_id",
  "quantity",
  "status",
  "expires_at",
  "created_at",
  "confirmed_at",
  "released_at",
  "cause",
  "cart_id",
  "extended_at",
  "verified_phone",
] as const satisfies readonly (keyof ReservationRow)[];

/** The constraint that lets each user have one active reservation for an event. */
export const oneActiveReservation = "reservations_one_active";

const columnList = reservationColumns.join(", ");

/** A reservation's full key. */
export interface ReservationKey {
  readonly eventId: string;
  readonly id: string;
}

// Each of the lookups below joins the asked keys laterally with a limit of one. A plain join lets the planner
// read every active reservation of an event whenever its statistics do not know that event yet.

/** The active reservations of these users, each of one event. */
export function selectActiveByUser(
  asked: readonly { eventId: string; userId: string }[],
): Statement<ReservationRow> {
  return {
    name: "select-active-by-user",
    text: `select found.* from unnest($1::uuid[], $2::text[]) as asked (event_id, user_id)
      cross join lateral (
        select ${columnList} from reservations
        where event_id = asked.event_id and user_id = asked.user_id and status in ('held', 'confirmed')
        limit 1
      ) as found`,
    values: [plainArray(asked.map((key) => key.eventId)), textArray(asked.map((key) => key.userId))],
  };
}

/** The reservations with these keys. */
export function selectByKey(asked: readonly ReservationKey[]): Statement<ReservationRow> {
  return {
    name: "select-by-key",
    text: `select found.* from unnest($1::uuid[], $2::uuid[]) as asked (event_id, id)
      cross join lateral (
        select ${columnList} from reservations where event_id = asked.event_id and id = asked.id limit 1
      ) as found`,
    values: [plainArray(asked.map((key) => key.eventId)), plainArray(asked.map((key) => key.id))],
  };
}

/** Of these users, the holds on one event each that expired last, at most `holdsMax` of each. */
export function selectLatestLapses(
  asked: readonly { eventId: string; userId: string }[],
  holdsMax: number,
): Statement<ReservationRow> {
  return {
    name: "select-latest-lapses",
    text: `select found.* from unnest($1::uuid[], $2::text[]) as asked (event_id, user_id)
      cross join lateral (
        select ${columnList} from reservations
        where event_id = asked.event_id and user_id = asked.user_id and status = 'expired'
        order by expires_at desc limit $3
      ) as found`,
    values: [
      plainArray(asked.map((key) => key.eventId)),
      textArray(asked.map((key) => key.userId)),
      holdsMax,
    ],
  };
}

/** For each event, the holds that end first, at most `holdsMax` of each, earliest first. */
export function selectEarliestHolds(
  eventIds: readonly string[],
  holdsMax: number,
): Statement<ReservationRow> {
  return {
    name: "select-earliest-holds",
    text: `select found.* from unnest($1::uuid[]) as asked (event_id)
      cross join lateral (
        select ${columnList} from reservations
        where event_id = asked.event_id and status = 'held' order by expires_at limit $2
      ) as found`,
    values: [plainArray(eventIds), holdsMax],
  };
}

/** Writes new reservations. Plain holds, which on a busy day are all there is, cost only what they need. */
export function insertReservations(reservations: readonly Reservation[]): Statement {
  return reservations.every(isPlainHold) ? insertPlainHolds(reservations) : insertWhole(reservations);
}

function isPlainHold({ status, cartId, verifiedPhone, extendedAtMs }: Reservation): boolean {
  return status === "held" && cartId === null && verifiedPhone === null && extendedAtMs.length === 0;
}

function insertPlainHolds(holds: readonly Reservation[]): Statement {
  return {
    name: "insert-holds",
    text: `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at)
      select event_id, id, user_id, quantity, 'held', expires_at, created_at
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[])
        as new (event_id, id, user_id, quantity, expires_at, created_at)`,
    values: valuesOfHolds(holds),
  };
}

/** Of carts, of verified phones, or past their beginning already: what was bought late, or given back in its own transaction. */
function insertWhole(reservations: readonly Reservation[]): Statement {
  return {
    name: "insert-reservations",
    text: `insert into reservations (event_id, id, user_id, quantity, expires_at, created_at, status, confirmed_at,
        released_at, cause, cart_id, extended_at, verified_phone)
      select event_id, id, user_id, quantity, expires_at, created_at, status, confirmed_at, released_at, cause,
        cart_id, extended_at::timestamptz[], verified_phone
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::text[],
          $8::timestamptz[], $9::timestamptz[], $10::text[], $11::uuid[], $12::text[],
          $13::text[])
        as new (event_id, id, user_id, quantity, expires_at, created_at, status, confirmed_at, released_at, cause,
          cart_id, extended_at, verified_phone)`,
    values: [
      ...valuesOfHolds(reservations),
      plainArray(reservations.map((reservation) => reservation.status)),
      instantArray(reservations.map((reservation) => reservation.confirmedAtMs)),
      instantArray(reservations.map((reservation) => reservation.releasedAtMs)),
      textArray(reservations.map((reservation) => reservation.cause)),
      textArray(reservations.map((reservation) => reservation.cartId)),
      textArray(reservations.map((reservation) => instantList(reservation.extendedAtMs))),
      textArray(reservations.map((reservation) => reservation.verifiedPhone)),
    ],
  };
}

function valuesOfHolds(holds: readonly Reservation[]): string[] {
  return [
    plainArray(holds.map((hold) => hold.eventId)),
    plainArray(holds.map((hold) => hold.id)),
    textArray(holds.map((hold) => hold.userId)),
    plainArray(holds.map((hold) => hold.quantity)),
    instantArray(holds.map((hold) => hold.expiresAtMs)),
    instantArray(holds.map((hold) => hold.createdAtMs)),
  ];
}

/** Writes what may change about reservations that exist. */
export function updateReservations(reservations: readonly Reservation[]): Statement {
  return {
    name: "update-reservations",
    text: `update reservations set status = new.status, expires_at = new.expires_at, confirmed_at = new.confirmed_at,
        released_at = new.released_at, cause = new.cause, extended_at = new.extended_at::timestamptz[]
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
          $7::text[], $8::text[])
        as new (event_id, id, status, expires_at, confirmed_at, released_at, cause, extended_at)
      where reservations.event_id = new.event_id and reservations.id = new.id`,
    values: [
      plainArray(reservations.map((reservation) => reservation.eventId)),
      plainArray(reservations.map((reservation) => reservation.id)),
      plainArray(reservations.map((reservation) => reservation.status)),
      instantArray(reservations.map((reservation) => reservation.expiresAtMs)),
      instantArray(reservations.map((reservation) => reservation.confirmedAtMs)),
      instantArray(reservations.map((reservation) => reservation.releasedAtMs)),
      textArray(reservations.map((reservation) => reservation.cause)),
      textArray(reservations.map((reservation) => instantList(reservation.extendedAtMs))),
    ],
  };
}

/** Reads a reservation without locking anything. @returns null when there is none */
export async function selectReservation(
  database: Database,
  key: ReservationKey,
): Promise<Reservation | null> {
  const row = await database
    .selectFrom("reservations")
    .select(reservationColumns)
    .where("event_id", "=", key.eventId)
    .where("id", "=", key.id)
    .executeTakeFirst();
  return row === undefined ? null : reservationFromRow(row);
}

/** One page of an event's reservations, newest first, with the count of all that match. */
export function selectReservationPage(
  database: Database,
  filter: { eventId: string; userId: string | null; status: ReservationStatus | null },
  request: PageRequest,
) {
  let matching = database.selectFrom("reservations").where("event_id", "=", filter.eventId);
  if (filter.userId !== null) matching = matching.where("user_id", "=", filter.userId);
  if (filter.status !== null) matching = matching.where("status", "=", filter.status);
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const page = matching.select(reservationColumns).orderBy("id", order).limit(rowsMax);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  const count = async () => {
    const row = await matching.select((all) => all.fn.countAll<number>().as("total")).executeTakeFirst();
    return Number(row?.total ?? 0);
  };
  return readPage(request, { select, count, map: reservationFromRow });
}

/**
 * The keys of holds whose deadline has passed, earliest first. Locks nothing: the desk judges each again.
 *
 * @param except ids of holds that are left out
 */
export async function selectOverdueHolds(
  database: Database,
  holdsMax: number,
  except: readonly string[],
): Promise<ReservationKey[]> {
  const rows = await database
    .selectFrom("reservations")
    .select(["event_id", "id"])
    .where("status", "=", "held")
    // Stable within a statement, unlike clock_timestamp(), so that the index can serve the comparison.
    .where("expires_at", "<=", sql<number>`statement_timestamp()`)
    .where(isNoneOf(except))
    .orderBy("expires_at")
    .limit(holdsMax)
    .execute();
  return rows.map((row) => ({ eventId: row.event_id, id: row.id }));
}

/**
 * How long until the next deadline of any hold, in ms; negative when it has passed, null when nothing is held.
 *
 * @param except ids of holds that are left out
 */
export async function selectNextDeadlineInMs(
  database: Database,
  except: readonly string[],
): Promise<number | null> {
  const row = await database
    .selectFrom("reservations")
    .select(sql<number>`(extract(epoch from expires_at - statement_timestamp()) * 1000)::float8`.as("in_ms"))
    .where("status", "=", "held")
    .where(isNoneOf(except))
    .orderBy("expires_at")
    .limit(1)
    .executeTakeFirst();
  return row?.in_ms ?? null;
}

function isNoneOf(ids: readonly string[]) {
  return sql<boolean>`id <> all(${ids}::uuid[])`;
}

/** A row of the table in the terms of the domain. */
export function reservationFromRow(row: ReservationRow): Reservation {
  return {
    id: row.id,
    eventId: row.event_id,
    userId: row.user_id,
    quantity: row.quantity,
    status: row.status,
    expiresAtMs: row.expires_at,
    createdAtMs: row.created_at,
    confirmedAtMs: row.confirmed_at,
    releasedAtMs: row.released_at,
    cause: row.cause,
    cartId: row.cart_id,
    verifiedPhone: row.verified_phone,
    extendedAtMs: row.extended_at ?? [],
  };
}
