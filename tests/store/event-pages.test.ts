import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { selectEventPage } from "../../api/store/events.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { matchingEvents } from "../../api/store/search-events.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let pool: Database;

const names = [
  "AC/DC: Back in Black",
  "Jazz at the Harbour, No. 12",
  "Harbour-side Jam",
  "O'Brien & Söhne",
  "Ünder_the_Bridge",
  "user@example.org unplugged",
  "3.5 Mile Run",
  "Robert'); drop table events; --",
];

beforeAll(async () => {
  database = await openTestDatabase();
  pool = openDatabase({ connectionString: database.connectionString, connectionsMax: 2, onLost: () => {} });
  for (const name of names) await insertNamed(name);
});
afterAll(async () => {
  await pool.destroy();
  await database.close();
});

let newestMs = Date.now();

/** Each event is newer than the last: ids of one millisecond have no order. */
function insertNamed(name: string) {
  newestMs += 1;
  return database.query(
    "insert into events (id, name, capacity, available, created_at) values ($1, $2, 1, 1, now())",
    [makeId(newestMs), name],
  );
}

const everything = { limit: 100, startingAfter: null, endingBefore: null };
const find = async (search: string) => {
  const { items, total } = await selectEventPage(pool, search, everything);
  expect(total).toBe(items.length);
  return items.map(({ name }) => name);
};

describe("a search of the catalogue", () => {
  const searches: [search: string, found: string[]][] = [
    ["jazz", ["Jazz at the Harbour, No. 12"]],
    ["har", ["Harbour-side Jam", "Jazz at the Harbour, No. 12"]],
    ["HARBOUR ja 1", ["Jazz at the Harbour, No. 12"]],
    ["side", ["Harbour-side Jam"]],
    ["dc", ["AC/DC: Back in Black"]],
    ["ac/dc", ["AC/DC: Back in Black"]],
    ["o'brien", ["O'Brien & Söhne"]],
    ["söh", ["O'Brien & Söhne"]],
    ["bridge", ["Ünder_the_Bridge"]],
    ["example", ["user@example.org unplugged"]],
    ["user@example.org", ["user@example.org unplugged"]],
    ["3.5 mile", ["3.5 Mile Run"]],
    ["arbour", []],
    ["jazz side", []],
    ["Robert'); drop table events; --", ["Robert'); drop table events; --"]],
    ["' | 'jazz", ["Jazz at the Harbour, No. 12"]],
    ["jazz & ! side \\", []],
    ["\\", names.toReversed()],
    [" -- ", names.toReversed()],
  ];
  test.each(searches)("for %s", async (search, found) => {
    expect(await find(search)).toEqual(found);
  });

  test("finds every name by itself", async () => {
    for (const name of names) expect(await find(name)).toContain(name);
  });

  test("is paged in both directions, with the count of all that match", async () => {
    for (let index = 1; index <= 5; index += 1) await insertNamed(`Paged ${index}`);
    const first = await selectEventPage(pool, "paged", { ...everything, limit: 2 });
    expect([first.items.map(({ name }) => name), first.hasMore, first.total]).toEqual([
      ["Paged 5", "Paged 4"],
      true,
      5,
    ]);
    const startingAfter = first.items[1]?.id ?? null;
    const second = await selectEventPage(pool, "paged", { limit: 2, startingAfter, endingBefore: null });
    expect(second.items.map(({ name }) => name)).toEqual(["Paged 3", "Paged 2"]);
    const endingBefore = second.items[0]?.id ?? null;
    const back = await selectEventPage(pool, "paged", { limit: 2, startingAfter: null, endingBefore });
    expect(back.items.map(({ name }) => name)).toEqual(["Paged 5", "Paged 4"]);
  });

  test("goes by the index, in the words of the index", async () => {
    const matching = matchingEvents("jazz har");
    const { sql } = matching?.compile(pool) ?? { sql: "" };
    const client = await database.connect();
    await client.query("set enable_seqscan = off");
    const { rows } = await client.query(`explain ${sql}`, ["'jazz':* & 'har':*"]);
    expect(JSON.stringify(rows)).toContain("events_search");
  });
});

test("the count of all events keeps up with what comes and goes, by hand too", async () => {
  const totalOf = async () => (await selectEventPage(pool, null, { ...everything, limit: 1 })).total;
  const before = await totalOf();
  const { length } = await database.query(
    `insert into events (id, name, capacity, available, created_at)
     select gen_random_uuid(), 'Many', 1, 1, now() from generate_series(1, 30) returning id`,
  );
  expect(await totalOf()).toBe(before + length);
  await database.query(
    "delete from events where name = 'Many' and id in (select id from events where name = 'Many' limit 10)",
  );
  expect(await totalOf()).toBe(before + 20);
  const client = await database.connect();
  await client.query("begin");
  await insertNamedWith(client, "Never");
  await client.query("rollback");
  expect(await totalOf()).toBe(before + 20);
  await database.query("truncate events cascade");
  expect(await totalOf()).toBe(0);
});

async function insertNamedWith(
  client: { query(text: string, values: unknown[]): Promise<unknown> },
  name: string,
) {
  await client.query(
    "insert into events (id, name, capacity, available, created_at) values ($1, $2, 1, 1, now())",
    [makeId(), name],
  );
}
