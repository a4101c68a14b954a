import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { completeRecord } from "../../api/store/idempotency-records.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { claimOf } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import {
  type CartDesk,
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
async function fillCart() {
  const eventIds = [await insertPricedEvent(database), await insertPricedEvent(database)] as const;
  const cartId = randomUUID();
  for (const eventId of eventIds) await one.fill(cartId, eventId, 2);
  return { cartId, eventIds };
}

describe("the key of a checkout", () => {
  test("is in progress until the order has ended, and then replays its end", async () => {
    const { cartId } = await fillCart();
    const claim = claimOf(randomUUID());
    const order = await one.order(cartId, { claim });
    expect(order.keyDigest).toBe(claim.keyDigest);
    expect(await other.begin(cartId, { claim })).toEqual({ kind: "idempotency_in_progress" });
    expect(await other.begin(cartId, { claim: claimOf(claim.keyDigest, randomUUID()) })).toEqual({
      kind: "idempotency_mismatch",
    });
    await other.settle(order);
    expect(await one.begin(cartId, { claim })).toEqual({
      kind: "recorded",
      reply: { status: 201, body: "order paid" },
      replayed: true,
    });
    // A refund does not change what was replied.
    await one.refund(order);
    expect(await one.begin(cartId, { claim })).toMatchObject({ reply: { body: "order paid" } });
  });

  test("keeps a refusal, but not that the caller's knowledge was outdated", async () => {
    const { cartId } = await fillCart();
    await makeCartOverdue(database, cartId);
    const claim = claimOf(randomUUID());
    const refused = { kind: "recorded", reply: { status: 200, body: "cart_expired" } };
    expect(await one.begin(cartId, { claim })).toEqual({ ...refused, replayed: false });
    expect(await other.begin(cartId, { claim })).toEqual({ ...refused, replayed: true });
    expect(await one.begin(randomUUID(), { claim })).toEqual({ kind: "cart_not_found" });
  });

  test("keeps the reply of whoever did not wait for the end", async () => {
    const { cartId } = await fillCart();
    const claim = claimOf(randomUUID());
    const order = await one.order(cartId, { claim });
    const key = { eventId: cartId, keyDigest: claim.keyDigest };
    const pending = { status: 201, body: "order pending" };
    expect(await completeRecord(one.pool, key, pending)).toEqual(pending);
    await one.settle(order);
    expect(await completeRecord(one.pool, key, { status: 201, body: "too late" })).toEqual(pending);
    expect(await one.begin(cartId, { claim })).toMatchObject({ reply: pending, replayed: true });
  });

  test("keeps the end of a refund", async () => {
    const { cartId } = await fillCart();
    const order = await one.order(cartId);
    await one.settle(order);
    const claim = claimOf(randomUUID());
    expect(await one.refund(order, claim)).toMatchObject({ kind: "recorded", replayed: false });
    expect(await other.refund(order, claim)).toMatchObject({
      reply: { body: "order_settled" },
      replayed: true,
    });
  });
});

describe("a transaction that fails", () => {
  test("leaves neither an order nor a job nor a record", async () => {
    // Everything was written when this rule of the test's own database refuses the commit.
    await database.query(`
      create function refuse_order() returns trigger language plpgsql as $$
      begin
        if new.user_id = 'doomed' then raise exception using errcode = '53100', message = 'disk full'; end if;
        return new;
      end $$;
      create constraint trigger refuse_order after insert on orders deferrable initially deferred
        for each row execute function refuse_order()`);
    const doomed = await openCartDesk(database);
    const eventId = await insertPricedEvent(database);
    const cartId = randomUUID();
    await doomed.fill(cartId, eventId, 1, "doomed");
    const [before] = await database.query("select count(*)::int as jobs from pgboss.job");
    const claim = claimOf(randomUUID());
    expect(await doomed.begin(cartId, { claim })).toEqual({ kind: "database_unavailable", effect: "none" });
    await doomed.close();
    expect(await database.query("select 1 from orders where cart_id = $1", [cartId])).toEqual([]);
    expect(await database.query("select count(*)::int as jobs from pgboss.job")).toEqual([before]);
    expect(await database.query("select 1 from idempotency_records where event_id = $1", [cartId])).toEqual(
      [],
    );
  });

  test("is repeated one command at a time, orders and their jobs included", async () => {
    const first = await fillCart();
    const second = await fillCart();
    const paying = await one.order(first.cartId, { claim: claimOf(randomUUID()) });
    const eventIds = [...second.eventIds];
    const orderId = makeId();
    one.occupy();
    const outcomes = await Promise.allSettled([
      one.settle(paying),
      // Only a defect sends the database a user that it cannot store.
      one.desk.submit({
        kind: "hold",
        eventId: eventIds[0] ?? "",
        userId: "too long ".repeat(20),
        quantity: 1,
      }),
      one.desk.submit({
        kind: "begin_checkout",
        eventIds,
        cartId: second.cartId,
        requester: { role: "service" },
        orderId,
        email: "ada@example.org",
        provider: "demo",
        token: "tok_ok",
        isProviderAvailable: true,
        graceMs: 60_000,
      }),
      one.desk.submit({
        kind: "settle_order",
        eventIds,
        cartId: second.cartId,
        orderId,
        result: { kind: "succeeded", reference: "pay_2" },
      }),
    ]);
    expect(outcomes).toMatchObject([
      { value: { kind: "order_settled", order: { status: "paid" } } },
      { status: "rejected" },
      { value: { kind: "order_begun" } },
      { value: { kind: "order_settled", order: { status: "paid" } } },
    ]);
    expect(await readJobs(database, paying.id)).toEqual(["send-receipt"]);
    expect(await readJobs(database, orderId)).toEqual(["send-receipt"]);
    const [record] = await database.query("select body from idempotency_records where event_id = $1", [
      first.cartId,
    ]);
    expect(record).toEqual({ body: "order paid" });
    expect(await one.read(orderId)).toMatchObject({ status: "paid", payment: { reference: "pay_2" } });
  });
});
