import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sweepOnce } from "../support/sweep-once.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { readStock } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import {
  type CartDesk,
  declined,
  insertPricedEvent,
  makeCartOverdue,
  openCartDesk,
  readJobs,
} from "./open-cart-desk.ts";

let database: TestDatabase;
let one: CartDesk;
let other: CartDesk;

beforeAll(async () => {
  database = await openTestDatabase();
  [one, other] = [await openCartDesk(database), await openCartDesk(database)];
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await requireRightStock(database);
  await database.close();
});

/** A cart with two events in it. */
async function fillCart(quantity = 2, holdSeconds = 600) {
  const eventIds = [
    await insertPricedEvent(database, { capacity: 5, holdSeconds }),
    await insertPricedEvent(database, { capacity: 5, holdSeconds }),
  ] as const;
  const cartId = randomUUID();
  for (const eventId of eventIds) await one.fill(cartId, eventId, quantity);
  return { cartId, eventIds };
}

const stockOf = (eventIds: readonly string[]) => Promise.all(eventIds.map((id) => readStock(database, id)));
const readStatuses = (cartId: string) =>
  database.query<{ status: string }>("select status from reservations where cart_id = $1 order by id", [
    cartId,
  ]);

/** Moves the end of an order's grace into the past. */
const passGrace = async (orderId: string, cartId: string) => {
  await database.query("update orders set hold_until = clock_timestamp() - interval '1 ms' where id = $1", [
    orderId,
  ]);
  await makeCartOverdue(database, cartId);
};

describe("a checkout", () => {
  test("sells everything in the cart when the payment succeeds, and tells it once", async () => {
    const { cartId, eventIds } = await fillCart();
    const order = await one.order(cartId);
    expect(order).toMatchObject({ status: "pending", totalCents: 4_000, items: [{}, {}] });
    expect(await readJobs(database, order.id)).toEqual(["settle-payment"]);
    expect(await one.put(cartId, eventIds[0], 1)).toEqual({
      kind: "checkout_in_progress",
      orderId: order.id,
    });

    const outcomes = await Promise.all([one.settle(order), other.settle(order), one.settle(order, declined)]);
    expect(outcomes).toMatchObject([
      { kind: "order_settled", order: { status: "paid" } },
      { kind: "order_settled", order: { status: "paid" } },
      { kind: "order_settled", order: { status: "paid" } },
    ]);
    expect(await one.read(order.id)).toMatchObject({
      status: "paid",
      payment: { status: "succeeded", reference: "pay_1", token: null },
    });
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 3, held: 0, sold: 2 })));
    expect(await readJobs(database, order.id)).toEqual(["send-receipt"]);
    expect(await other.put(cartId, eventIds[0], 1)).toEqual({ kind: "cart_ordered", orderId: order.id });
  });

  test("keeps the holds until the grace is over, and gives them back under the cart's deadline", async () => {
    const { cartId, eventIds } = await fillCart(2, 30);
    const order = await one.order(cartId, { graceMs: 60_000 });
    const holds = await database.query<{ expires_at: Date }>(
      "select expires_at from reservations where cart_id = $1",
      [cartId],
    );
    expect(holds.map(({ expires_at }) => expires_at.getTime())).toEqual([
      order.holdUntilMs,
      order.holdUntilMs,
    ]);
    expect(await other.settle(order, declined)).toMatchObject({
      kind: "order_settled",
      order: { status: "declined", payment: { declineReason: "no funds" } },
    });
    const [row] = await database.query<{ same: boolean }>(
      `select bool_and(reservations.expires_at = carts.expires_at and status = 'held') as same
       from carts join reservations on cart_id = carts.id where carts.id = $1`,
      [cartId],
    );
    expect(row).toEqual({ same: true });
    expect(await readJobs(database, order.id)).toEqual([]);
    // The cart lives on, and can be bought again.
    const again = await one.order(cartId);
    expect(await one.settle(again)).toMatchObject({ order: { status: "paid" } });
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 3, held: 0, sold: 2 })));
  });

  test("that is declined after the cart's deadline leaves nothing held", async () => {
    const { cartId, eventIds } = await fillCart();
    const order = await one.order(cartId);
    await database.query("update carts set expires_at = clock_timestamp() - interval '1 s' where id = $1", [
      cartId,
    ]);
    expect(await one.settle(order, { kind: "never_charged" })).toMatchObject({
      order: { status: "cancelled" },
    });
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 5, held: 0, sold: 0 })));
    expect(await one.begin(cartId)).toMatchObject({ kind: "cart_expired" });
  });

  test("of nothing but free tickets is paid at once", async () => {
    const eventId = await insertPricedEvent(database, { priceCents: 0 });
    const cartId = randomUUID();
    await one.fill(cartId, eventId, 2);
    const outcome = await one.begin(cartId);
    expect(outcome).toMatchObject({
      kind: "order_settled",
      order: { status: "paid", payment: { status: "none" } },
    });
    if (outcome.kind !== "order_settled") return;
    expect(await one.read(outcome.order.id)).toEqual(outcome.order);
    expect(await readJobs(database, outcome.order.id)).toEqual(["send-receipt"]);
    expect(await readStock(database, eventId)).toEqual({ available: 8, held: 0, sold: 2 });
  });

  test("is begun once when two ask for it at once", async () => {
    const { cartId } = await fillCart();
    const outcomes = await Promise.all([one.begin(cartId), other.begin(cartId)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["checkout_in_progress", "order_begun"]);
  });

  test("is refused as outdated when the cart has got an item that the caller does not know", async () => {
    const { cartId, eventIds } = await fillCart();
    const outcome = await one.desk.submit({
      kind: "begin_checkout",
      eventIds: [eventIds[0]],
      cartId,
      requester: { role: "service" },
      orderId: randomUUID(),
      email: "ada@example.org",
      provider: "demo",
      token: "tok_ok",
      isProviderAvailable: true,
      graceMs: 1,
    });
    expect(outcome).toEqual({ kind: "cart_outdated" });
  });
});

describe("a payment that succeeds after the grace", () => {
  test("buys the tickets again while they are free, under new reservations", async () => {
    const { cartId, eventIds } = await fillCart();
    const order = await one.order(cartId);
    await passGrace(order.id, cartId);
    await sweepOnce({ database: one.pool, desk: one.desk });
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 5, held: 0, sold: 0 })));
    const outcome = await one.settle(order);
    expect(outcome).toMatchObject({ kind: "order_settled", order: { status: "paid" } });
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 3, held: 0, sold: 2 })));
    const { items } = await one.read(order.id);
    const bought = await database.query<{ status: string; cart_id: string }>(
      "select status, cart_id from reservations where id = any($1)",
      [items.map(({ reservationId }) => reservationId)],
    );
    expect(bought).toEqual([
      { status: "confirmed", cart_id: cartId },
      { status: "confirmed", cart_id: cartId },
    ]);
    const [cart] = await database.query<{ items: { reservation_id: string }[] }>(
      "select items from carts where id = $1",
      [cartId],
    );
    expect(cart?.items.map(({ reservation_id }) => reservation_id)).toEqual(
      items.map(({ reservationId }) => reservationId),
    );
  });

  test("ends overdue holds of others to get its tickets, as every buyer may", async () => {
    const { cartId, eventIds } = await fillCart(3);
    const order = await one.order(cartId);
    await passGrace(order.id, cartId);
    await sweepOnce({ database: one.pool, desk: one.desk });
    const held = await one.desk.submit({ kind: "hold", eventId: eventIds[0], userId: "bob", quantity: 5 });
    expect(held.kind).toBe("held");
    await database.query(
      "update reservations set expires_at = clock_timestamp() - interval '1 ms' where user_id = 'bob' and status = 'held'",
    );
    expect(await one.settle(order)).toMatchObject({ order: { status: "paid" } });
    expect(await readStock(database, eventIds[0])).toEqual({ available: 2, held: 0, sold: 3 });
  });

  test("is refunded when one item has gone, and nothing of the order is sold", async () => {
    const { cartId, eventIds } = await fillCart(3);
    const order = await one.order(cartId);
    await passGrace(order.id, cartId);
    await sweepOnce({ database: one.pool, desk: one.desk });
    const held = await one.desk.submit({ kind: "hold", eventId: eventIds[1], userId: "bob", quantity: 3 });
    expect(held.kind).toBe("held");
    expect(await one.settle(order)).toMatchObject({
      kind: "order_settled",
      order: { status: "refunded", payment: { status: "refunding" } },
    });
    expect(await stockOf(eventIds)).toEqual([
      { available: 5, held: 0, sold: 0 },
      { available: 2, held: 3, sold: 0 },
    ]);
    expect(await readJobs(database, order.id)).toEqual(["refund-payment", "send-receipt"]);
  });
});

describe("a refund", () => {
  test("returns the tickets and asks for the money once", async () => {
    const { cartId, eventIds } = await fillCart();
    const order = await one.order(cartId);
    expect(await one.refund(order)).toEqual({ kind: "order_not_paid", status: "pending" });
    await one.settle(order);
    const outcomes = await Promise.all([one.refund(order), other.refund(order)]);
    expect(outcomes).toMatchObject([{ order: { status: "refunded" } }, { order: { status: "refunded" } }]);
    expect(await stockOf(eventIds)).toEqual(eventIds.map(() => ({ available: 5, held: 0, sold: 0 })));
    expect((await readStatuses(cartId)).map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    expect(await readJobs(database, order.id)).toEqual(["refund-payment", "send-receipt", "send-receipt"]);
    expect(await one.refund({ ...order, cartId: randomUUID() })).toEqual({ kind: "order_not_found" });
  });
});
