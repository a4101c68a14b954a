import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimCarts, lockCarts } from "../../api/store/carts.ts";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { lockEvents } from "../../api/store/events.ts";
import type { Statement } from "../../api/store/statement.ts";
import { waitUntilBlocked } from "../support/lock-event.ts";
import { insertEvent } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let connection: DeskConnection;

beforeAll(async () => {
  database = await openTestDatabase();
  connection = await DeskConnection.open(database.connectionString, "holdfast desk of the test");
});
afterAll(async () => {
  await connection.close();
  await database.close();
});

/** Ids in disorder, with the least of them. */
function shuffledIds() {
  const ids = Array.from({ length: 12 }, () => randomUUID());
  const least = ids.toSorted()[0] ?? "";
  return { ids, least, others: ids.filter((id) => id !== least) };
}

const insertCarts = (cartIds: readonly string[]) =>
  database.query(
    "insert into carts (id, user_id, items, created_at) select unnest($1::uuid[]), 'ada', '[]', now()",
    [cartIds],
  );

/** Lets a statement wait for a row that somebody else has, and tells what it holds meanwhile. */
async function heldWhileWaiting(statement: Statement, take: string, look: string, others: readonly string[]) {
  const holder = await database.connect();
  await holder.query("begin");
  await holder.query(take);
  await connection.command("begin");
  const waiting = connection.run(statement);
  await waitUntilBlocked(database);
  const free = await database.query(look, [others]);
  await holder.query("rollback");
  await waiting;
  await connection.command("rollback");
  return others.length - free.length;
}

test("events are locked in the order of their ids, so nothing is held while the first is waited for", async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => insertEvent(database, { capacity: 1 })));
  const [least = "", ...others] = ids.toSorted();
  const held = await heldWhileWaiting(
    lockEvents([...others.toReversed(), least], false),
    `select 1 from events where id = '${least}' for update`,
    "select id from events where id = any($1) for update skip locked",
    others,
  );
  expect(held).toBe(0);
});

test("carts are locked in the order of their ids, so nothing is held while the first is waited for", async () => {
  const { ids, least, others } = shuffledIds();
  await insertCarts(ids);
  const held = await heldWhileWaiting(
    lockCarts([...others.toSorted().reverse(), least], false),
    `select 1 from carts where id = '${least}' for update`,
    "select id from carts where id = any($1) for update skip locked",
    others,
  );
  expect(held).toBe(0);
});

test.each([true, false])(
  "carts are made in the order of their ids, so nothing is held while the first is waited for (skipping: %s)",
  async (skipLocked) => {
    const { ids, least } = shuffledIds();
    const eventId = await insertEvent(database, { capacity: 1 });
    const claims = ids.map((id) => ({ id, userId: "ada", eventId }));
    const holder = await database.connect();
    await holder.query("begin");
    await holder.query(
      `insert into carts (id, user_id, items, created_at) values ('${least}', 'ada', '[]', now())`,
    );
    await connection.command("begin");
    const claimed = connection.run(claimCarts(claims, skipLocked));
    await waitUntilBlocked(database);
    // Whoever makes one of the others now does not have to wait.
    const others = ids.filter((id) => id !== least);
    await database.query("set lock_timeout = '5s'");
    await insertCarts(others);
    await holder.query("commit");
    expect(await claimed).toEqual([]);
    await connection.command("rollback");
  },
);

test("a cart of an item whose event is locked elsewhere is not made; the others are", async () => {
  const [locked, free] = [
    await insertEvent(database, { capacity: 1 }),
    await insertEvent(database, { capacity: 1 }),
  ];
  const { ids } = shuffledIds();
  const holder = await database.connect();
  await holder.query("begin");
  await holder.query("select 1 from events where id = $1 for no key update", [locked]);
  const claims = ids.map((id, index) => ({ id, userId: "ada", eventId: index % 2 === 0 ? locked : free }));
  const claimed = await connection.run(claimCarts(claims, true));
  expect(claimed.map(({ id }) => id)).toEqual(ids.filter((_, index) => index % 2 === 1).toSorted());
  await holder.query("rollback");
});
