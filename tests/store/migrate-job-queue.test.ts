import { resolve } from "node:path";
import { getRollbackPlans } from "pg-boss";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "../../api/store/migrate.ts";
import { migrateJobQueue } from "../../api/store/migrate-job-queue.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

const folder = resolve(import.meta.dirname, "../../migrations");
const queueNames = ["place-restock-order", "refund-payment", "send-code", "send-receipt", "settle-payment"];
let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase({ empty: true });
});
afterEach(() => database.close());

const readQueues = () =>
  database.query(
    `select name, retry_limit, retry_backoff, retry_delay_max, expire_seconds, heartbeat_seconds, deletion_seconds
     from pgboss.queue order by name`,
  );
const readVersion = async () => (await database.query("select version from pgboss.version"))[0]?.["version"];

test("services that start at once make the job queues once, and leave no connection behind", async () => {
  await Promise.all(Array.from({ length: 4 }, () => migrate(database.connectionString, folder)));
  const queues = await readQueues();
  expect(queues.map(({ name }) => name)).toEqual(queueNames);
  expect(await database.query("select count(*)::int as count from pgboss.version")).toEqual([{ count: 1 }]);
  const left = await database.query(
    "select 1 from pg_stat_activity where datname = current_database() and application_name = 'holdfast migrations'",
  );
  expect(left).toEqual([]);
});

test("payments are tried again for years, at least once a minute", async () => {
  await migrateJobQueue(database.connectionString);
  const queues = await readQueues();
  const [refund, settle] = ["refund-payment", "settle-payment"].map((name) =>
    queues.find((queue) => queue.name === name),
  );
  for (const [queue, delayMaxSeconds] of [
    [refund, 60],
    // Somebody waits for it.
    [settle, 15],
  ] as const) {
    expect(queue).toMatchObject({
      retry_backoff: true,
      retry_delay_max: delayMaxSeconds,
      heartbeat_seconds: 10,
      expire_seconds: 60,
    });
    expect(Number(queue?.["retry_limit"])).toBeGreaterThan(365 * 24 * 60);
  }
});

test("a queue that was made with other options takes over today's, and its jobs stay", async () => {
  await migrateJobQueue(database.connectionString);
  const before = await readQueues();
  await database.query("update pgboss.queue set retry_limit = 1, heartbeat_seconds = null");
  await database.query(
    "insert into pgboss.job (name, id, retry_limit) values ('settle-payment', gen_random_uuid(), 7)",
  );
  await migrateJobQueue(database.connectionString);
  expect(await readQueues()).toEqual(before);
  expect(await database.query("select name, retry_limit from pgboss.job")).toEqual([
    { name: "settle-payment", retry_limit: 7 },
  ]);
});

test("a job queue of the version before is brought up to date", { timeout: 120_000 }, async () => {
  await migrateJobQueue(database.connectionString);
  const newest = await readVersion();
  await database.query(getRollbackPlans("pgboss"));
  expect(await readVersion()).toBeLessThan(Number(newest));
  await migrateJobQueue(database.connectionString);
  expect(await readVersion()).toBe(newest);
  expect((await readQueues()).map(({ name }) => name)).toEqual(queueNames);
});
