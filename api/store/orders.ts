import { type Selectable, sql } from "kysely";
import type { Order, OrderStatus } from "../domain/order.ts";
import type { PageRequest } from "../kernel/page.ts";
import { instantArray, plainArray, textArray } from "./array-literals.ts";
import { readItems, writeItems } from "./cart-items.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";

export type OrderRow = Selectable<Schema["orders"]>;

const columns = [
  "id",
  "cart_id",
  "user_id",
  "email",
  "status",
  "total_cents",
  "currency",
  "items",
  "payment_provider",
  "payment_token",
  "payment_status",
  "payment_reference",
  "decline_reason",
  "hold_until",
  "key_digest",
  "created_at",
  "settled_at",
  "paid_at",
  "refunded_at",
  "receipt_sent_at",
] as const satisfies readonly (keyof OrderRow)[];

/**
 * The orders with these ids, and the last order of each of these carts. The locks of their carts are what keeps them as
 * they are, so this locks nothing.
 */
export function selectOrders(orderIds: readonly string[], cartIds: readonly string[]): Statement<OrderRow> {
  return {
    name: "select-orders",
    text: `select ${columns.join(", ")} from orders where id = any($1::uuid[]
      || array(select order_id from carts where id = any($2::uuid[]) and order_id is not null))`,
    values: [plainArray(orderIds), plainArray(cartIds)],
  };
}

/** Writes new orders. */
export function insertOrders(orders: readonly Order[]): Statement {
  return {
    name: "insert-orders",
    text: `insert into orders (id, cart_id, user_id, email, status, total_cents, currency, items, payment_provider,
        payment_token, payment_status, payment_reference, decline_reason, hold_until, key_digest, created_at,
        settled_at, paid_at)
      select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
        $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::uuid[],
        $16::timestamptz[], $17::timestamptz[], $18::timestamptz[])`,
    values: [
      plainArray(orders.map((order) => order.id)),
      plainArray(orders.map((order) => order.cartId)),
      textArray(orders.map((order) => order.userId)),
      textArray(orders.map((order) => order.email)),
      plainArray(orders.map((order) => order.status)),
      plainArray(orders.map((order) => order.totalCents)),
      plainArray(orders.map((order) => order.currency)),
      textArray(orders.map((order) => writeItems(order.items))),
      plainArray(orders.map((order) => order.payment.provider)),
      textArray(orders.map((order) => order.payment.token)),
      plainArray(orders.map((order) => order.payment.status)),
      textArray(orders.map((order) => order.payment.reference)),
      textArray(orders.map((order) => order.payment.declineReason)),
      instantArray(orders.map((order) => order.holdUntilMs)),
      textArray(orders.map((order) => order.keyDigest)),
      instantArray(orders.map((order) => order.createdAtMs)),
      instantArray(orders.map((order) => order.settledAtMs)),
      instantArray(orders.map((order) => order.paidAtMs)),
    ],
  };
}

/**
 * Writes what the desk may change about orders whose carts are locked. When a refund was taken and a receipt was sent
 * is written by others, without that lock.
 */
export function updateOrders(orders: readonly Order[]): Statement {
  return {
    name: "update-orders",
    text: `update orders set status = new.status, items = new.items, payment_token = new.payment_token,
        payment_status = new.payment_status, decline_reason = new.decline_reason,
        payment_reference = new.payment_reference,
        settled_at = new.settled_at, paid_at = new.paid_at
      from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::text[], $5::text[], $6::text[], $7::text[],
          $8::timestamptz[], $9::timestamptz[])
        as new (id, status, items, payment_token, payment_status, payment_reference, decline_reason, settled_at, paid_at)
      where orders.id = new.id`,
    values: [
      plainArray(orders.map((order) => order.id)),
      plainArray(orders.map((order) => order.status)),
      textArray(orders.map((order) => writeItems(order.items))),
      textArray(orders.map((order) => order.payment.token)),
      plainArray(orders.map((order) => order.payment.status)),
      textArray(orders.map((order) => order.payment.reference)),
      textArray(orders.map((order) => order.payment.declineReason)),
      instantArray(orders.map((order) => order.settledAtMs)),
      instantArray(orders.map((order) => order.paidAtMs)),
    ],
  };
}

/** Reads an order without locking anything. @returns null when there is none */
export async function selectOrder(database: Database, orderId: string): Promise<Order | null> {
  const row = await database
    .selectFrom("orders")
    .select(columns)
    .where("id", "=", orderId)
    .executeTakeFirst();
  return row === undefined ? null : orderFromRow(row);
}

/** Reads several orders without locking anything. @returns those that exist, by their ids */
export async function selectOrdersById(
  database: Database,
  orderIds: readonly string[],
): Promise<Map<string, Order>> {
  const rows = await database
    .selectFrom("orders")
    .select(columns)
    .where("id", "in", [...orderIds])
    .execute();
  return new Map(rows.map((row) => [row.id, orderFromRow(row)]));
}

/** One page of orders, newest first, with the count of all that match. */
export function selectOrderPage(
  database: Database,
  filter: { readonly userId: string | null; readonly status: OrderStatus | null },
  request: PageRequest,
) {
  let matching = database.selectFrom("orders");
  if (filter.userId !== null) matching = matching.where("user_id", "=", filter.userId);
  if (filter.status !== null) matching = matching.where("status", "=", filter.status);
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const page = matching.select(columns).orderBy("id", order).limit(rowsMax);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  const count = async () => {
    const row = await matching.select((all) => all.fn.countAll<number>().as("total")).executeTakeFirst();
    return Number(row?.total ?? 0);
  };
  return readPage(request, { select, count, map: orderFromRow });
}

/** Notes that the provider took an order's refund. @returns false when none was under way */
export async function markRefunded(database: Database, orderId: string): Promise<boolean> {
  const result = await database
    .updateTable("orders")
    .set({
      payment_status: "refunded",
      refunded_at: sql<Date>`date_trunc('milliseconds', clock_timestamp())`,
    })
    .where("id", "=", orderId)
    .where("payment_status", "=", "refunding")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Notes that the receipts of these orders were sent, without waiting for the disk: should a crash of the server take the
 * note back, it takes back the end of the job that sent it too, and the receipt comes again under the same name.
 */
export async function markReceiptsSent(database: Database, orderIds: readonly string[]): Promise<void> {
  await sql`update orders set receipt_sent_at = date_trunc('milliseconds', clock_timestamp())
    from (select set_config('synchronous_commit', 'off', true)) as lazily
    where id = any(${plainArray(orderIds)}::uuid[])`.execute(database);
}

/** A row of the table in the terms of the domain. */
export function orderFromRow(row: OrderRow): Order {
  return {
    id: row.id,
    cartId: row.cart_id,
    userId: row.user_id,
    email: row.email,
    status: row.status,
    totalCents: row.total_cents,
    currency: row.currency,
    items: readItems(row.items),
    payment: {
      provider: row.payment_provider,
      status: row.payment_status,
      token: row.payment_token,
      reference: row.payment_reference,
      declineReason: row.decline_reason,
    },
    holdUntilMs: row.hold_until,
    keyDigest: row.key_digest,
    createdAtMs: row.created_at,
    settledAtMs: row.settled_at,
    paidAtMs: row.paid_at,
    refundedAtMs: row.refunded_at,
    receiptSentAtMs: row.receipt_sent_at,
  };
}
