import { type Selectable, sql } from "kysely";
import type { Event } from "../domain/event.ts";
import type { PageRequest } from "../kernel/page.ts";
import { plainArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";
import { countEvents, countMatching, matchingEvents } from "./search-events.ts";
import type { Statement } from "./statement.ts";

export type EventRow = Selectable<Schema["events"]>;

const columns = [
  "id",
  "number",
  "name",
  "capacity",
  "available",
  "held",
  "sold",
  "version",
  "paused_reason",
  "price_cents",
  "currency",
  "hold_seconds",
  "max_quantity",
  "max_extensions",
  "sales_start_at",
  "sales_end_at",
  "requires_verified_phone",
  "restock",
  "restock_order_id",
  "restock_held_back",
  "created_at",
] as const satisfies readonly (keyof EventRow)[];

/**
 * Locks the rows of events, in id order as every write path does, so that no two transactions can wait for
 * each other. `for no key update` lets foreign key checks of other transactions through.
 *
 * @param skipLocked leaves out, instead of waiting for, the rows that another transaction has locked
 */
export function lockEvents(eventIds: readonly string[], skipLocked: boolean): Statement<EventRow> {
  return {
    name: skipLocked ? "lock-free-events" : "lock-events",
    text: `select ${columns.join(", ")} from events where id = any($1::uuid[]) order by id
      for no key update${skipLocked ? " skip locked" : ""}`,
    values: [plainArray(eventIds)],
  };
}

/** Tells which of these events exist, locked or not. */
export function selectExistingEvents(eventIds: readonly string[]): Statement<{ id: string }> {
  return {
    name: "select-existing-events",
    text: "select id from events where id = any($1::uuid[])",
    values: [plainArray(eventIds)],
  };
}

/** Writes the counters of locked events. */
export function updateStock(events: readonly Event[]): Statement {
  return {
    name: "update-stock",
    text: `update events set available = new.available, held = new.held, sold = new.sold, version = new.version
      from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bigint[])
        as new (id, available, held, sold, version)
      where events.id = new.id`,
    values: [
      plainArray(events.map((event) => event.id)),
      plainArray(events.map((event) => event.available)),
      plainArray(events.map((event) => event.held)),
      plainArray(events.map((event) => event.sold)),
      plainArray(events.map((event) => event.version)),
    ],
  };
}

/** Writes everything that may change about one locked event, counters and terms. */
export function updateEvent(event: Event): Statement {
  return {
    name: "update-event",
    text: `update events set name = $2, capacity = $3, available = $4, held = $5, sold = $6, version = $7,
        paused_reason = $8, price_cents = $9, currency = $10, hold_seconds = $11, max_quantity = $12,
        max_extensions = $13, sales_start_at = $14, sales_end_at = $15, requires_verified_phone = $16, restock = $17
      where id = $1`,
    values: [
      event.id,
      event.name,
      event.capacity,
      event.available,
      event.held,
      event.sold,
      event.version,
      event.pausedReason,
      event.priceCents,
      event.currency,
      event.holdSeconds,
      event.maxQuantity,
      event.maxExtensions,
      dateOrNull(event.salesStartAtMs),
      dateOrNull(event.salesEndAtMs),
      event.requiresVerifiedPhone,
      restockJson(event),
    ],
  };
}

/** What is needed to make an event; the rest starts at zero. */
export type NewEvent = Omit<
  Event,
  | "number"
  | "available"
  | "held"
  | "sold"
  | "version"
  | "pausedReason"
  | "restockOrderId"
  | "restockHeldBack"
  | "createdAtMs"
>;

/** Adds an event with its whole capacity free. */
export async function insertEvent(database: Database, event: NewEvent): Promise<Event> {
  const row = await database
    .insertInto("events")
    .values({
      id: event.id,
      name: event.name,
      capacity: event.capacity,
      available: event.capacity,
      price_cents: event.priceCents,
      currency: event.currency,
      hold_seconds: event.holdSeconds,
      max_quantity: event.maxQuantity,
      max_extensions: event.maxExtensions,
      sales_start_at: dateOrNull(event.salesStartAtMs),
      sales_end_at: dateOrNull(event.salesEndAtMs),
      requires_verified_phone: event.requiresVerifiedPhone,
      restock: restockJson(event),
      created_at: sql`date_trunc('milliseconds', clock_timestamp())`,
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return eventFromRow(row);
}

/** Reads an event without locking it. @returns null when there is none */
export async function selectEvent(database: Database, eventId: string): Promise<Event | null> {
  const row = await database
    .selectFrom("events")
    .select(columns)
    .where("id", "=", eventId)
    .executeTakeFirst();
  return row === undefined ? null : eventFromRow(row);
}

/** Events with the end of their next hold and the database's time, read without locks, for the gate. */
export async function selectStock(
  database: Database,
  eventIds: readonly string[],
): Promise<{ event: Event; nextExpiryAtMs: number | null; nowMs: number }[]> {
  const rows = await database
    .selectFrom("events")
    .select(columns)
    .select((outer) => [
      outer
        .selectFrom("reservations")
        .select("expires_at")
        .whereRef("event_id", "=", "events.id")
        .where("status", "=", "held")
        .orderBy("expires_at")
        .limit(1)
        .as("next_expiry_at"),
      sql<number>`date_trunc('milliseconds', clock_timestamp())`.as("now"),
    ])
    .where("id", "in", [...eventIds])
    .execute();
  return rows.map((row) => ({
    event: eventFromRow(row),
    nextExpiryAtMs: row.next_expiry_at,
    nowMs: row.now,
  }));
}

/** The id of the event with that number, null when there is none. */
export async function selectEventIdByNumber(database: Database, eventNumber: number): Promise<string | null> {
  const row = await database
    .selectFrom("events")
    .select("id")
    .where("number", "=", eventNumber)
    .executeTakeFirst();
  return row?.id ?? null;
}

/**
 * One page of the catalogue, newest event first, with the count of all events that match.
 *
 * @param search words that the name must have, or their beginnings; null for all events
 */
export function selectEventPage(database: Database, search: string | null, request: PageRequest) {
  const matching = matchingEvents(search ?? "");
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    let page = database.selectFrom("events").select(columns).orderBy("id", order).limit(rowsMax);
    if (matching !== null) page = page.where(sql<boolean>`id in (${matching})`);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  const count = () => (matching === null ? countEvents(database) : countMatching(database, matching));
  return readPage(request, { select, count, map: eventFromRow });
}

/** A row of the table in the terms of the domain. */
export function eventFromRow(row: EventRow): Event {
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    capacity: row.capacity,
    available: row.available,
    held: row.held,
    sold: row.sold,
    version: row.version,
    pausedReason: row.paused_reason,
    priceCents: row.price_cents,
    currency: row.currency,
    holdSeconds: row.hold_seconds,
    maxQuantity: row.max_quantity,
    maxExtensions: row.max_extensions,
    salesStartAtMs: row.sales_start_at,
    salesEndAtMs: row.sales_end_at,
    requiresVerifiedPhone: row.requires_verified_phone,
    restock:
      row.restock === null
        ? null
        : {
            threshold: row.restock.threshold,
            quantity: row.restock.quantity,
            supplierUrl: row.restock.supplier_url,
          },
    restockOrderId: row.restock_order_id,
    restockHeldBack: row.restock_held_back,
    createdAtMs: row.created_at,
  };
}

function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

function restockJson(event: Pick<Event, "restock">): string | null {
  if (event.restock === null) return null;
  const { threshold, quantity, supplierUrl } = event.restock;
  return JSON.stringify({ threshold, quantity, supplier_url: supplierUrl });
}
