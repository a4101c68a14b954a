import { CompiledQuery, type Selectable, sql } from "kysely";
import type { Event } from "../domain/event.ts";
import type { RestockOrder } from "../domain/restock-order.ts";
import type { PageRequest } from "../kernel/page.ts";
import { instantArray, plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";

export type RestockOrderRow = Selectable<Schema["restock_orders"]>;

const columns = [
  "event_id",
  "id",
  "quantity",
  "supplier_url",
  "status",
  "attempts",
  "last_error",
  "supplier_reference",
  "created_at",
  "placed_at",
  "delivered_at",
  "closed_at",
] as const satisfies readonly (keyof RestockOrderRow)[];

/**
 * The named restock orders of locked events. Whoever places an order with its supplier notes so without the event's
 * lock, so their rows are locked as well, in one order.
 */
export function lockRestockOrders(
  named: readonly { readonly eventId: string; readonly id: string }[],
): Statement<RestockOrderRow> {
  return {
    name: "lock-restock-orders",
    text: `select ${columns.join(", ")} from restock_orders
      where (event_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))
      order by event_id, id for no key update`,
    values: [plainArray(named.map(({ eventId }) => eventId)), plainArray(named.map(({ id }) => id))],
  };
}

/** Writes new restock orders. Their events' older ones must have ended before. */
export function insertRestockOrders(orders: readonly RestockOrder[]): Statement {
  return {
    name: "insert-restock-orders",
    text: `insert into restock_orders (event_id, id, quantity, supplier_url, status, attempts, last_error,
        supplier_reference, created_at, placed_at, delivered_at, closed_at)
      select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[],
        $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])`,
    values: [
      plainArray(orders.map((order) => order.eventId)),
      plainArray(orders.map((order) => order.id)),
      plainArray(orders.map((order) => order.quantity)),
      textArray(orders.map((order) => order.supplierUrl)),
      plainArray(orders.map((order) => order.status)),
      plainArray(orders.map((order) => order.attempts)),
      textArray(orders.map((order) => order.lastError)),
      textArray(orders.map((order) => order.supplierReference)),
      instantArray(orders.map((order) => order.createdAtMs)),
      instantArray(orders.map((order) => order.placedAtMs)),
      instantArray(orders.map((order) => order.deliveredAtMs)),
      instantArray(orders.map((order) => order.closedAtMs)),
    ],
  };
}

/** Writes what may change about locked restock orders. */
export function updateRestockOrders(orders: readonly RestockOrder[]): Statement {
  return {
    name: "update-restock-orders",
    text: `update restock_orders set status = new.status, attempts = new.attempts, last_error = new.last_error,
        supplier_reference = new.supplier_reference, placed_at = new.placed_at, delivered_at = new.delivered_at,
        closed_at = new.closed_at
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::timestamptz[],
          $8::timestamptz[], $9::timestamptz[])
        as new (event_id, id, status, attempts, last_error, supplier_reference, placed_at, delivered_at, closed_at)
      where restock_orders.event_id = new.event_id and restock_orders.id = new.id`,
    values: [
      plainArray(orders.map((order) => order.eventId)),
      plainArray(orders.map((order) => order.id)),
      plainArray(orders.map((order) => order.status)),
      plainArray(orders.map((order) => order.attempts)),
      textArray(orders.map((order) => order.lastError)),
      textArray(orders.map((order) => order.supplierReference)),
      instantArray(orders.map((order) => order.placedAtMs)),
      instantArray(orders.map((order) => order.deliveredAtMs)),
      instantArray(orders.map((order) => order.closedAtMs)),
    ],
  };
}

/** Writes which restock order of each locked event is under way, and whether the next one is held back. */
export function updateRestockOfEvents(events: readonly Event[]): Statement {
  return {
    name: "update-restock-of-events",
    text: `update events set restock_order_id = new.restock_order_id, restock_held_back = new.restock_held_back
      from unnest($1::uuid[], $2::uuid[], $3::boolean[]) as new (id, restock_order_id, restock_held_back)
      where events.id = new.id`,
    values: [
      plainArray(events.map((event) => event.id)),
      textArray(events.map((event) => event.restockOrderId)),
      plainArray(events.map((event) => event.restockHeldBack)),
    ],
  };
}

/** Adds the first restock order of an event that the same transaction makes. */
export async function addRestockOrder(transaction: Database, order: RestockOrder): Promise<void> {
  const { text, values } = insertRestockOrders([order]);
  await transaction.executeQuery(CompiledQuery.raw(text, values));
  await transaction
    .updateTable("events")
    .set({ restock_order_id: order.id })
    .where("id", "=", order.eventId)
    .execute();
}

/** Reads a restock order without locking anything. @returns null when there is none */
export async function selectRestockOrder(
  database: Database,
  eventId: string,
  restockOrderId: string,
): Promise<RestockOrder | null> {
  const row = await database
    .selectFrom("restock_orders")
    .select(columns)
    .where("event_id", "=", eventId)
    .where("id", "=", restockOrderId)
    .executeTakeFirst();
  return row === undefined ? null : restockOrderFromRow(row);
}

/** One page of an event's restock orders, newest first, with the count of all of them. */
export function selectRestockOrders(database: Database, eventId: string, request: PageRequest) {
  const ofEvent = database.selectFrom("restock_orders").where("event_id", "=", eventId);
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const page = ofEvent.select(columns).orderBy("id", order).limit(rowsMax);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  const count = async () => {
    const row = await ofEvent.select((all) => all.fn.countAll<number>().as("total")).executeTakeFirst();
    return Number(row?.total ?? 0);
  };
  return readPage(request, { select, count, map: restockOrderFromRow });
}

/**
 * Counts one more attempt to place an order that is open.
 *
 * @returns the order; null when it is not open, or not there
 */
export async function beginAttempt(
  database: Database,
  eventId: string,
  restockOrderId: string,
): Promise<RestockOrder | null> {
  const row = await database
    .updateTable("restock_orders")
    .set(({ eb }) => ({ attempts: eb("attempts", "+", 1) }))
    .where("event_id", "=", eventId)
    .where("id", "=", restockOrderId)
    .where("status", "=", "open")
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : restockOrderFromRow(row);
}

/** Notes why an attempt failed, unless the order has come to something meanwhile. */
export async function noteFailedAttempt(
  database: Database,
  { eventId, id }: Pick<RestockOrder, "eventId" | "id">,
  reason: string,
): Promise<void> {
  await database
    .updateTable("restock_orders")
    .set({ last_error: reason })
    .where("event_id", "=", eventId)
    .where("id", "=", id)
    .where("status", "=", "open")
    .execute();
}

/** Notes that the supplier has taken an order, unless it has come to something else meanwhile. */
export async function markPlaced(
  database: Database,
  { eventId, id }: Pick<RestockOrder, "eventId" | "id">,
  supplierReference: string | null,
): Promise<void> {
  await database
    .updateTable("restock_orders")
    .set({
      status: "placed",
      placed_at: sql<Date>`date_trunc('milliseconds', clock_timestamp())`,
      supplier_reference: supplierReference,
      last_error: null,
    })
    .where("event_id", "=", eventId)
    .where("id", "=", id)
    .where("status", "=", "open")
    .execute();
}

/** A row of the table in the terms of the domain. */
export function restockOrderFromRow(row: RestockOrderRow): RestockOrder {
  return {
    id: row.id,
    eventId: row.event_id,
    quantity: row.quantity,
    supplierUrl: row.supplier_url,
    status: row.status,
    attempts: row.attempts,
    lastError: row.last_error,
    supplierReference: row.supplier_reference,
    createdAtMs: row.created_at,
    placedAtMs: row.placed_at,
    deliveredAtMs: row.delivered_at,
    closedAtMs: row.closed_at,
  };
}
