import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Order } from "../../api/domain/order.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import {
  insertOrders,
  markReceiptsSent,
  markRefunded,
  orderFromRow,
  selectOrder,
  selectOrderPage,
  selectOrders,
  updateOrders,
} from "../../api/store/orders.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let pool: Database;
let connection: DeskConnection;

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openDatabase({ connectionString: database.connectionString, connectionsMax: 2, onLost: () => {} });
  connection = await DeskConnection.open(database.connectionString, "holdfast desk of the test");
});
afterAll(async () => {
  await connection.close();
  await pool.destroy();
  await database.close();
});

let newestMs = Date.now();

/** Each order is newer than the last: ids of one millisecond have no order. */
async function insertOrder(changes: Partial<Order> = {}): Promise<Order> {
  const cartId = randomUUID();
  newestMs += 1;
  const order: Order = {
    id: makeId(newestMs),
    cartId,
    userId: "ada",
    email: "ada@example.org",
    status: "pending",
    totalCents: 4_200_000_000,
    currency: "EUR",
    items: [
      {
        eventId: randomUUID(),
        reservationId: randomUUID(),
        quantity: 2,
        name: 'A "name", {with} \\ all sorts — of marks',
        priceCents: 2_100_000_000,
        currency: "EUR",
      },
    ],
    payment: {
      provider: "demo",
      status: "processing",
      token: "tok_ok",
      reference: null,
      declineReason: null,
    },
    holdUntilMs: 1_800_000_000_123,
    keyDigest: null,
    createdAtMs: 1_700_000_000_456,
    settledAtMs: null,
    paidAtMs: null,
    refundedAtMs: null,
    receiptSentAtMs: null,
    ...changes,
  };
  await database.query(
    "insert into carts (id, user_id, items, order_id, created_at) values ($1, 'ada', '[]', $2, now())",
    [cartId, order.id],
  );
  await connection.run(insertOrders([order]));
  return order;
}

const paid = (order: Order): Order => ({
  ...order,
  status: "paid",
  payment: { ...order.payment, status: "succeeded", token: null, reference: "pay_1" },
  settledAtMs: 1_700_000_001_000,
  paidAtMs: 1_700_000_001_000,
});

test("an order is read as it was written, by its id and by its cart", async () => {
  const order = await insertOrder({ keyDigest: randomUUID() });
  expect(await selectOrder(pool, order.id)).toEqual(order);
  const rows = await connection.run(selectOrders([], [order.cartId, randomUUID()]));
  expect(rows.map(orderFromRow)).toEqual([order]);
  await connection.run(updateOrders([paid(order)]));
  expect(await selectOrder(pool, order.id)).toEqual(paid(order));
  expect((await connection.run(selectOrders([order.id], [order.cartId]))).map(orderFromRow)).toEqual([
    paid(order),
  ]);
});

test("what others write about an order outlives a change by the desk, which read it before", async () => {
  const bought = paid(await insertOrder());
  await connection.run(updateOrders([bought]));
  await markReceiptsSent(pool, [bought.id]);
  const refunded: Order = {
    ...bought,
    status: "refunded",
    payment: { ...bought.payment, status: "refunding" },
  };
  await connection.run(updateOrders([refunded]));
  const after = await selectOrder(pool, bought.id);
  expect(after?.receiptSentAtMs).toEqual(expect.any(Number));
  expect(after?.payment.status).toBe("refunding");
});

test("a refund is noted once, and only when one is under way", async () => {
  const order = paid(await insertOrder());
  await connection.run(updateOrders([order]));
  expect(await markRefunded(pool, order.id)).toBe(false);
  await connection.run(
    updateOrders([{ ...order, status: "refunded", payment: { ...order.payment, status: "refunding" } }]),
  );
  expect(await markRefunded(pool, order.id)).toBe(true);
  expect(await markRefunded(pool, order.id)).toBe(false);
  expect(await selectOrder(pool, order.id)).toMatchObject({
    payment: { status: "refunded" },
    refundedAtMs: expect.any(Number),
  });
});

test("orders are paged by user and by status, newest first", async () => {
  const ofBob = [await insertOrder({ userId: "bob" }), await insertOrder({ userId: "bob" })];
  await connection.run(updateOrders(ofBob.slice(0, 1).map(paid)));
  const page = { limit: 1, startingAfter: null, endingBefore: null };
  const first = await selectOrderPage(pool, { userId: "bob", status: null }, page);
  expect(first).toMatchObject({ items: [{ id: ofBob[1]?.id }], hasMore: true, total: 2 });
  const bought = await selectOrderPage(pool, { userId: "bob", status: "paid" }, page);
  expect(bought).toMatchObject({ items: [{ id: ofBob[0]?.id }], hasMore: false, total: 1 });
});

test("a cart has one order that is under way or paid", async () => {
  const order = await insertOrder();
  const second = connection.run(insertOrders([{ ...order, id: makeId() }]));
  await expect(second).rejects.toMatchObject({ constraint: "orders_one_live" });
});
