import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeskOutcome } from "../../api/desk/waiting-command.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { recountStock } from "../../api/store/recount-stock.ts";
import { closeOf, deliveryOf, reopenOf } from "../domain/restock-samples.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { holdOf, insertEvent, openTestDesk, readStock } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { type CartDesk, openCartDesk } from "./open-cart-desk.ts";

let database: TestDatabase;
let one: CartDesk;
let other: CartDesk;

beforeAll(async () => {
  database = await openTestDatabase();
  [one, other] = [await openCartDesk(database), await openCartDesk(database)];
  // A rule of the database that only this test has, so that one command of a batch can break it.
  await database.query(
    "alter table reservations add constraint no_poison check (user_id is distinct from 'poison')",
  );
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await requireRightStock(database);
  await database.close();
});

/** An event that orders 5 more when fewer than 3 are free. */
async function openEvent(capacity = 4): Promise<string> {
  const eventId = await insertEvent(database, { capacity });
  await database.query(
    `update events set restock = '{"threshold": 3, "quantity": 5, "supplier_url": "demo:"}' where id = $1`,
    [eventId],
  );
  return eventId;
}

const readOrders = (eventId: string) =>
  database.query<{ id: string; status: string; quantity: number; attempts: number }>(
    "select id, status, quantity, attempts from restock_orders where event_id = $1 order by id",
    [eventId],
  );
const readState = async (eventId: string) => {
  const rows = await database.query(
    "select capacity, restock_order_id, restock_held_back from events where id = $1",
    [eventId],
  );
  return rows[0];
};
const readJobs = (id: string) =>
  database.query<{ state: string }>(
    "select state::text as state from pgboss.job where name = 'place-restock-order' and id = $1",
    [id],
  );
const hold = (desk: CartDesk, eventId: string, userId: string, quantity = 1) =>
  desk.desk.submit(holdOf(eventId, userId, quantity));

/** An event with an order under way. */
async function openShort() {
  const eventId = await openEvent();
  expect((await hold(one, eventId, "ada", 2)).kind).toBe("held");
  const [order] = await readOrders(eventId);
  if (order === undefined) throw new Error("No order was opened.");
  return { eventId, orderId: order.id };
}

const kindsOf = (outcomes: readonly DeskOutcome[]) => [...new Set(outcomes.map(({ kind }) => kind))].sort();

describe("stock that falls under the threshold", () => {
  test("opens one order with its job, in the transaction that took the tickets", async () => {
    const { eventId, orderId } = await openShort();
    expect(await readOrders(eventId)).toEqual([{ id: orderId, status: "open", quantity: 5, attempts: 0 }]);
    expect(await readState(eventId)).toMatchObject({ restock_order_id: orderId, restock_held_back: false });
    expect(await readJobs(orderId)).toEqual([{ state: "created" }]);
    const [same] = await database.query(
      `select events.xmin = restock_orders.xmin as same from events
       join restock_orders on restock_orders.id = events.restock_order_id where events.id = $1`,
      [eventId],
    );
    expect(same).toEqual({ same: true });
  });

  test("opens one order when two desks sell to many at once", async () => {
    const eventId = await openEvent(40);
    const buyers = Array.from({ length: 60 }, (_, index) =>
      hold(index % 2 === 0 ? one : other, eventId, `buyer-${index}`),
    );
    expect(kindsOf(await Promise.all(buyers))).toEqual(["all_held", "held"]);
    expect(await readStock(database, eventId)).toEqual({ available: 0, held: 40, sold: 0 });
    expect(await readOrders(eventId)).toHaveLength(1);
  });

  test("opens an order also by way of a cart", async () => {
    const eventId = await openEvent();
    await one.fill(makeId(), eventId, 2);
    expect(await readOrders(eventId)).toHaveLength(1);
  });

  test("costs an event without a rule no statement, even at a desk that knows no jobs", async () => {
    const plain = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 1 });
    await plain.hold(eventId, "ada");
    expect(await readOrders(eventId)).toEqual([]);
    await plain.desk.stop();
  });

  test("is protected by the database as well: a second order that is under way cannot be written", async () => {
    const { eventId } = await openShort();
    const second = database.query(
      `insert into restock_orders (event_id, id, quantity, supplier_url, status, created_at, placed_at)
       values ($1, $2, 1, 'demo:', 'placed', now(), now())`,
      [eventId, makeId()],
    );
    await expect(second).rejects.toThrow("restock_orders_one_open");
  });
});

describe("a delivery", () => {
  test("raises the capacity once when it is reported 50 times at the same moment to two desks", async () => {
    const { eventId, orderId } = await openShort();
    const reports = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? one : other).desk.submit(deliveryOf(orderId, { eventId })),
    );
    expect(kindsOf(await Promise.all(reports))).toEqual(["restock_changed"]);
    expect(await readState(eventId)).toEqual({
      capacity: 9,
      restock_order_id: null,
      restock_held_back: false,
    });
    expect(await readStock(database, eventId)).toEqual({ available: 7, held: 2, sold: 0 });
    const audits = await database.query("select action, actor from event_audits where event_id = $1", [
      eventId,
    ]);
    expect(audits).toEqual([{ action: "restocked", actor: "shop" }]);
  });

  test("is reported to everybody who learns from the desk, with the new stock", async () => {
    const { eventId, orderId } = await openShort();
    await one.desk.submit(deliveryOf(orderId, { eventId }));
    const seen = one.reports.at(-1)?.events.find(({ event }) => event.id === eventId);
    expect(seen?.event).toMatchObject({ capacity: 9, available: 7, restockOrderId: null });
  });

  test("sells to those who come with it in the same transaction, and opens the next order", async () => {
    const { eventId, orderId } = await openShort();
    one.occupy();
    const outcomes = await Promise.all([
      hold(one, eventId, "early", 3),
      one.desk.submit(deliveryOf(orderId, { eventId })),
      hold(one, eventId, "late", 6),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["not_enough_left", "restock_changed", "held"]);
    expect((await readOrders(eventId)).map(({ status }) => status)).toEqual(["delivered", "open"]);
    expect(await readStock(database, eventId)).toEqual({ available: 1, held: 8, sold: 0 });
    // Had the statements come in another order, each command would have had a savepoint, which has an id of its own.
    const writers = await database.query("select distinct xmin from restock_orders where event_id = $1", [
      eventId,
    ]);
    expect(writers).toHaveLength(1);
  });

  test("is counted once also where a neighbour in its transaction fails, and each is written alone", async () => {
    const { eventId, orderId } = await openShort();
    one.occupy();
    const outcomes = await Promise.all([
      hold(one, eventId, "poison").catch(() => ({ kind: "failed" })),
      one.desk.submit(deliveryOf(orderId, { eventId })),
      one.desk.submit(deliveryOf(orderId, { eventId })),
      hold(one, eventId, "late", 6),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "failed",
      "restock_changed",
      "restock_changed",
      "held",
    ]);
    expect(await readState(eventId)).toMatchObject({ capacity: 9 });
    expect(await readStock(database, eventId)).toEqual({ available: 1, held: 8, sold: 0 });
    expect((await readOrders(eventId)).map(({ status }) => status)).toEqual(["delivered", "open"]);
  });

  test("of another quantity, or for an order that is unknown or closed, changes nothing", async () => {
    const { eventId, orderId } = await openShort();
    const before = await readState(eventId);
    const refused = await Promise.all([
      one.desk.submit(deliveryOf(makeId(), { eventId })),
      one.desk.submit(deliveryOf(orderId, { eventId: makeId() })),
      one.desk.submit(deliveryOf(orderId, { eventId, quantity: 6 })),
    ]);
    expect(refused.map(({ kind }) => kind)).toEqual([
      "restock_order_not_found",
      "restock_order_not_found",
      "delivery_quantity_mismatch",
    ]);
    expect(await readState(eventId)).toEqual(before);
    await one.desk.submit({ ...closeOf(orderId), eventId });
    const closed = await other.desk.submit(deliveryOf(orderId, { eventId }));
    expect(closed).toEqual({ kind: "restock_order_closed", status: "cancelled" });
    expect(await readState(eventId)).toEqual({
      capacity: 4,
      restock_order_id: null,
      restock_held_back: true,
    });
  });
});

describe("an order that was ended", () => {
  test("is tried again with a fresh job, also where the old one was given up and is still there", async () => {
    const { eventId, orderId } = await openShort();
    await database.query("update pgboss.job set state = 'failed' where id = $1", [orderId]);
    await one.desk.submit({ ...closeOf(orderId, "given_up"), eventId });
    expect(await readJobs(orderId)).toEqual([{ state: "failed" }]);
    const again = await one.desk.submit({ ...reopenOf(orderId), eventId });
    expect(again).toMatchObject({ kind: "restock_changed", order: { status: "open" } });
    expect(await readJobs(orderId)).toEqual([{ state: "created" }]);
    expect(await readState(eventId)).toMatchObject({ restock_order_id: orderId, restock_held_back: false });
  });

  test("takes its job along when it is cancelled", async () => {
    const { eventId, orderId } = await openShort();
    await one.desk.submit({ ...closeOf(orderId), eventId });
    expect(await readJobs(orderId)).toEqual([]);
  });

  test("and another one can change places in one transaction", async () => {
    const { eventId, orderId } = await openShort();
    await one.desk.submit({ ...closeOf(orderId), eventId });
    const restock = { threshold: 3, quantity: 6, supplierUrl: "demo:" };
    await one.desk.submit({ kind: "change_event", eventId, change: { restock }, actor: "ops" });
    const next = (await readOrders(eventId)).find(({ status }) => status === "open");
    if (next === undefined) throw new Error("No other order was opened.");
    one.occupy();
    const outcomes = await Promise.all([
      one.desk.submit({ ...closeOf(next.id), eventId }),
      one.desk.submit({ ...reopenOf(orderId), eventId }),
    ]);
    expect(kindsOf(outcomes)).toEqual(["restock_changed"]);
    const statuses = new Map((await readOrders(eventId)).map(({ id, status }) => [id, status]));
    expect([statuses.get(next.id), statuses.get(orderId)]).toEqual(["cancelled", "open"]);
    expect(await readState(eventId)).toMatchObject({ restock_order_id: orderId });
  });
});

test("the audit sees an event that does not name the order that is under way", async () => {
  const { eventId } = await openShort();
  const find = async () =>
    (await recountStock(database.connectionString)).mismatches.filter((each) => each.eventId === eventId);
  expect(await find()).toEqual([]);
  await database.query("update events set restock_order_id = null where id = $1", [eventId]);
  expect(await find()).toMatchObject([{ isRestockAstray: true }]);
  await database.query("update events set restock_order_id = $2 where id = $1", [eventId, makeId()]);
  expect(await find()).toHaveLength(1);
  await database.query(
    "update events set restock_order_id = (select id from restock_orders where event_id = $1) where id = $1",
    [eventId],
  );
  expect(await find()).toEqual([]);
});
