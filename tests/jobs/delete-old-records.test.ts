import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteOldRecordsOnce } from "../../api/jobs/delete-old-records.ts";
import { startLoop } from "../../api/kernel/start-loop.ts";
import { deleteOldRecords } from "../../api/store/idempotency-records.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await openTestDatabase();
  database = openDatabase({
    connectionString: testDatabase.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.close();
});

async function insertRecords(count: number, ageHours: number): Promise<void> {
  await testDatabase.query(
    `insert into idempotency_records (event_id, key_digest, request_digest, status, body, created_at)
     select $1, gen_random_uuid(), gen_random_uuid(), 201, 'aged ' || $3::text, now() - make_interval(hours => $3::int)
     from generate_series(1, $2::int)`,
    [randomUUID(), count, ageHours],
  );
}

const countByAge = async () => {
  const rows = await testDatabase.query(
    "select body, count(*)::int as count from idempotency_records group by body",
  );
  return Object.fromEntries(rows.map(({ body, count }) => [String(body), Number(count)]));
};

test("records are deleted by age, a bounded number at a time", async () => {
  await insertRecords(25, 60);
  await insertRecords(5, 30);
  expect(await deleteOldRecords(database, 48, 10)).toBe(10);
  expect(await deleteOldRecords(database, 48, 10)).toBe(10);
  expect(await countByAge()).toEqual({ "aged 60": 5, "aged 30": 5 });
  expect(await deleteOldRecords(database, 48, 10)).toBe(5);
  expect(await deleteOldRecords(database, 48, 10)).toBe(0);
  expect(await countByAge()).toEqual({ "aged 30": 5 });
});

test("a service deletes what is older than two days by itself, round after round, and nothing younger", async () => {
  await insertRecords(2_500, 49);
  await insertRecords(3, 47);
  const failures: unknown[] = [];
  const deletion = startLoop(
    () => deleteOldRecordsOnce({ database }),
    (error) => failures.push(error),
  );
  try {
    await waitFor("the old records to be gone", async () => (await countByAge())["aged 49"] === undefined);
  } finally {
    await deletion.stop();
  }
  expect(await countByAge()).toMatchObject({ "aged 47": 3, "aged 30": 5 });
  expect(failures).toEqual([]);
});
