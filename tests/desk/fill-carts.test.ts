import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sweepOnce } from "../support/sweep-once.ts";
import { selectCartSnapshot } from "../../api/store/cart-snapshots.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { insertEvent, readStock } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { type CartDesk, insertPricedEvent, makeCartOverdue, openCartDesk } from "./open-cart-desk.ts";

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

const readCarts = (cartId: string) =>
  database.query<{ items: { event_id: string }[]; expires_at: Date | null }>(
    "select items, expires_at from carts where id = $1",
    [cartId],
  );
const readHolds = (cartId: string) =>
  database.query<{ expires_at: Date; status: string }>(
    "select expires_at, status from reservations where cart_id = $1 order by created_at, id",
    [cartId],
  );

describe("a cart", () => {
  test("is one cart when its two first items come at once at two desks", async () => {
    for (let round = 0; round < 20; round += 1) {
      const eventIds = [
        await insertEvent(database, { capacity: 5 }),
        await insertEvent(database, { capacity: 5 }),
      ];
      const cartId = randomUUID();
      const outcomes = await Promise.all([
        one.put(cartId, eventIds[0] ?? ""),
        other.put(cartId, eventIds[1] ?? ""),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["cart_saved", "cart_saved"]);
      const [cart] = await readCarts(cartId);
      expect(cart?.items.map(({ event_id }) => event_id).sort()).toEqual(eventIds.toSorted());
      // Both are under the deadline that the first of them set.
      const deadlines = new Set((await readHolds(cartId)).map(({ expires_at }) => expires_at.getTime()));
      expect([...deadlines]).toEqual([cart?.expires_at?.getTime()]);
    }
  });

  test("loses no item when several come at once at two desks", async () => {
    const eventIds = await Promise.all(
      Array.from({ length: 7 }, () => insertEvent(database, { capacity: 5 })),
    );
    const [first = "", ...later] = eventIds;
    for (let round = 0; round < 10; round += 1) {
      const [cartId, userId] = [randomUUID(), `user ${round}`];
      await one.fill(cartId, first, 1, userId);
      await Promise.all(
        later.map((eventId, index) => (index % 2 === 0 ? one : other).fill(cartId, eventId, 1, userId)),
      );
      const [cart] = await readCarts(cartId);
      expect(cart?.items.map(({ event_id }) => event_id).sort()).toEqual(eventIds.toSorted());
      const removed = eventIds.map((eventId, index) =>
        (index % 2 === 0 ? one : other).remove(cartId, eventId),
      );
      expect((await Promise.all(removed)).map(({ kind }) => kind)).toEqual(eventIds.map(() => "cart_saved"));
      expect((await readCarts(cartId))[0]?.items).toEqual([]);
    }
  });

  test("takes the same item twice at once at two desks as one", async () => {
    const eventId = await insertEvent(database, { capacity: 5 });
    const cartId = randomUUID();
    const outcomes = await Promise.all([one.put(cartId, eventId), other.put(cartId, eventId)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["cart_saved", "cart_saved"]);
    expect(await readHolds(cartId)).toHaveLength(1);
    expect(await readStock(database, eventId)).toEqual({ available: 4, held: 1, sold: 0 });
  });

  test("keeps the deadline that its first item set, whatever the later ones would have", async () => {
    const short = await insertEvent(database, { capacity: 5, holdSeconds: 60 });
    const long = await insertEvent(database, { capacity: 5, holdSeconds: 6_000 });
    const cartId = randomUUID();
    const { cart } = await one.fill(cartId, short);
    const later = await other.fill(cartId, long, 3);
    expect(later.cart.expiresAtMs).toBe(cart.expiresAtMs);
    expect((await readHolds(cartId)).map(({ expires_at }) => expires_at.getTime())).toEqual([
      cart.expiresAtMs,
      cart.expiresAtMs,
    ]);
  });

  test("is not left behind when its first item is refused", async () => {
    const soldOut = await insertEvent(database, { capacity: 0 });
    const free = await insertEvent(database, { capacity: 1 });
    const [refused, alone, used] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await one.put(alone, soldOut)).toEqual({ kind: "sold_out" });
    // In one transaction with another, so that it is written at all.
    one.occupy();
    const outcomes = await Promise.all([
      one.put(refused, soldOut),
      one.put(used, free),
      one.put(used, soldOut),
      one.put(randomUUID(), randomUUID()),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "sold_out",
      "cart_saved",
      "sold_out",
      "event_not_found",
    ]);
    expect(await readCarts(refused)).toEqual([]);
    expect(await readCarts(alone)).toEqual([]);
    expect((await readCarts(used))[0]?.items).toHaveLength(1);
  });

  test("is not somebody else's", async () => {
    const eventId = await insertEvent(database, { capacity: 5 });
    const cartId = randomUUID();
    await one.fill(cartId, eventId, 1, "ada");
    expect(await one.put(cartId, eventId, 1, "bob")).toEqual({ kind: "cart_not_found" });
    expect(await one.remove(randomUUID(), eventId)).toEqual({ kind: "cart_not_found" });
  });

  test("returns the tickets of an item that is taken out, and of one that is put in anew", async () => {
    const eventId = await insertEvent(database, { capacity: 5 });
    const cartId = randomUUID();
    await one.fill(cartId, eventId, 3);
    await one.fill(cartId, eventId, 5);
    expect(await readStock(database, eventId)).toEqual({ available: 0, held: 5, sold: 0 });
    await one.fill(cartId, eventId, 2);
    expect(await readStock(database, eventId)).toEqual({ available: 3, held: 2, sold: 0 });
    expect(await other.remove(cartId, eventId)).toMatchObject({
      kind: "cart_saved",
      view: { cart: { items: [], expiresAtMs: null } },
    });
    expect(await readStock(database, eventId)).toEqual({ available: 5, held: 0, sold: 0 });
    expect((await readHolds(cartId)).map(({ status }) => status)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
  });

  test("loses its tickets to the sweeper and its list to nobody, and lives again with its next item", async () => {
    const [first, second] = [
      await insertEvent(database, { capacity: 5 }),
      await insertEvent(database, { capacity: 5 }),
    ];
    const cartId = randomUUID();
    await one.fill(cartId, first, 2);
    await one.fill(cartId, second, 2);
    await makeCartOverdue(database, cartId);
    expect(await one.extend(cartId)).toMatchObject({ kind: "cart_expired" });
    await sweepOnce({ database: one.pool, desk: other.desk });
    expect(await readStock(database, first)).toEqual({ available: 5, held: 0, sold: 0 });
    expect((await readCarts(cartId))[0]?.items).toHaveLength(2);

    const { cart, nowMs } = await one.fill(cartId, first, 1);
    expect(cart.expiresAtMs).toBe(nowMs + 600_000);
    const snapshot = await selectCartSnapshot(one.pool, cartId);
    expect(snapshot?.cart).toEqual(cart);
    expect(cart.items.map(({ reservationId }) => snapshot?.reservations.get(reservationId)?.status)).toEqual([
      "held",
      "expired",
    ]);
    expect(await readStock(database, first)).toEqual({ available: 4, held: 1, sold: 0 });
  });

  test("moves all its holds with its deadline, as often as the strictest of its events allows", async () => {
    const first = await insertEvent(database, { capacity: 5, holdSeconds: 60, maxExtensions: 3 });
    const second = await insertEvent(database, { capacity: 5, holdSeconds: 30, maxExtensions: 1 });
    const cartId = randomUUID();
    await one.fill(cartId, first);
    const before = await one.fill(cartId, second);
    expect(before.extensionsLeft).toBe(1);
    const expiresAtMs = (before.cart.expiresAtMs ?? 0) + 30_000;
    expect(await one.extend(cartId)).toMatchObject({ kind: "cart_saved", view: { cart: { expiresAtMs } } });
    expect((await readHolds(cartId)).map(({ expires_at }) => expires_at.getTime())).toEqual([
      expiresAtMs,
      expiresAtMs,
    ]);
    expect(await one.extend(cartId)).toEqual({ kind: "cart_extension_limit" });
  });

  test("gives a buyer no second reservation of an event beside one that is not in the cart", async () => {
    const eventId = await insertEvent(database, { capacity: 5 });
    const held = await one.desk.submit({ kind: "hold", eventId, userId: "ada", quantity: 1 });
    expect(await one.put(randomUUID(), eventId)).toMatchObject({ kind: "duplicate_reservation" });
    expect(held.kind).toBe("held");
  });

  test("is served one command at a time when its batch cannot be written as a whole", async () => {
    const [eventId, soldOut] = [
      await insertPricedEvent(database),
      await insertPricedEvent(database, { capacity: 0 }),
    ];
    const [cartId, refused, second] = [randomUUID(), randomUUID(), randomUUID()];
    const before = one.reports.length;
    one.occupy();
    const outcomes = await Promise.allSettled([
      one.put(cartId, eventId, 2),
      // Only a defect sends the database a user that it cannot store.
      one.desk.submit({ kind: "hold", eventId, userId: `${"too long ".repeat(20)}`, quantity: 1 }),
      one.put(refused, soldOut),
      one.put(cartId, eventId, 3),
      one.put(second, eventId, 1, "bob"),
      one.remove(second, eventId),
    ]);
    expect(outcomes.map((each) => (each.status === "fulfilled" ? each.value.kind : "failed"))).toEqual([
      "cart_saved",
      "failed",
      "sold_out",
      "cart_saved",
      "cart_saved",
      "cart_saved",
    ]);
    expect(one.reports.length).toBeLessThanOrEqual(before + 2);
    expect(await readCarts(refused)).toEqual([]);
    expect(await readStock(database, eventId)).toEqual({ available: 7, held: 3, sold: 0 });
    expect((await readCarts(second))[0]?.items).toEqual([]);
  });
});
