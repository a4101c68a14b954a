import { afterAll, beforeAll, expect, test } from "vitest";
import { createLog } from "../../api/kernel/log.ts";
import { openWatchedDatabase } from "../../api/store/open-database.ts";
import { selectNow } from "../../api/store/select-now.ts";
import { assembleServices } from "../../api/worker.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { holdOf, insertEvent } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test("a pool tells what is open and who waits, and how long each wait took", async () => {
  const waits: number[] = [];
  const watched = openWatchedDatabase({
    connectionString: database.connectionString,
    connectionsMax: 1,
    onLost: () => {},
    onWaited: (waitedMs) => waits.push(waitedMs),
  });
  expect(watched.readPool()).toEqual({ connections: 0, connectionsMax: 1, waiting: 0 });
  const holder = Promise.withResolvers<void>();
  const holding = watched.database.transaction().execute(async (transaction) => {
    await selectNow(transaction);
    await holder.promise;
  });
  const second = selectNow(watched.database);
  await waitFor("the second query to wait", () => watched.readPool().waiting === 1);
  expect(watched.readPool()).toEqual({ connections: 1, connectionsMax: 1, waiting: 1 });
  holder.resolve();
  await Promise.all([holding, second]);
  expect(watched.readPool()).toEqual({ connections: 1, connectionsMax: 1, waiting: 0 });
  expect(waits).toHaveLength(2);
  expect(Math.min(...waits)).toBeGreaterThan(0);
  await watched.database.destroy();
});

test("a wait that ends without a connection is told, too", async () => {
  const waits: number[] = [];
  const watched = openWatchedDatabase({
    connectionString: "postgres://nobody@127.0.0.1:1/none",
    connectionsMax: 1,
    onLost: () => {},
    onWaited: (waitedMs) => waits.push(waitedMs),
  });
  await expect(selectNow(watched.database)).rejects.toThrow("ECONNREFUSED");
  expect(waits).toHaveLength(1);
  await watched.database.destroy();
});

test("a worker's gauges tell its pool and the commands in line", async () => {
  const { connectionString } = database;
  const log = createLog("silent");
  const { services, readGauges, stop } = await assembleServices({ connectionString, demo: false, log });
  const idle = { queue_depth: 0, pool_connections: 1, pool_max: 4, pool_waiting: 0, open_streams: 0 };
  expect(readGauges()).toEqual(idle);
  const eventId = await insertEvent(database, { capacity: 10 });
  const release = await lockEvent(database, eventId);
  const first = services.desk.submit(holdOf(eventId, "ada"));
  await waitUntilBlocked(database);
  const others = [services.desk.submit(holdOf(eventId, "bob")), services.desk.submit(holdOf(eventId, "cyd"))];
  expect(readGauges()).toEqual({ ...idle, queue_depth: 2 });
  await release();
  await Promise.all([first, ...others]);
  expect(readGauges()).toEqual(idle);
  await stop();
});
