import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { migrate } from "../../api/store/migrate.ts";
import { insertEvent, openTestDesk, readStock } from "../support/open-test-desk.ts";
import { type PostgresServer, startOwnPostgres } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: PostgresServer;
let client: pg.Client;
const database = {
  query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
    (await client.query<Row>(text, values)).rows,
};

beforeAll(async () => {
  server = await startOwnPostgres();
  await migrate(server.connectionString, resolve(import.meta.dirname, "../../migrations"));
  client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

async function setStandby(name: string): Promise<void> {
  await client.query(`alter system set synchronous_standby_names = '${name}'`);
  await client.query("select pg_reload_conf()");
}

/** Ends the wait of a commit for a standby. @returns whether one waited */
async function cancelWaiting(): Promise<boolean> {
  const [row] = await database.query<{ cancelled: boolean }>(
    "select pg_cancel_backend(pid) as cancelled from pg_stat_activity where wait_event = 'SyncRep'",
  );
  return row?.cancelled === true;
}

/** Whether a commit waits for the standby: the setting is in force some time after it can be read. */
async function tryCommit(): Promise<boolean> {
  const another = new pg.Client({ connectionString: server.connectionString });
  await another.connect();
  try {
    let isOver = false;
    const over = another.query("select pg_logical_emit_message(true, 'test', '')").finally(() => {
      isOver = true;
    });
    const [hasWaited] = await Promise.all([
      waitFor("a commit to end or to wait", async () => ((await cancelWaiting()) ? "waited" : isOver)),
      over,
    ]);
    return hasWaited === "waited";
  } finally {
    await another.end();
  }
}

test("a commit that a standby should have confirmed and has not is answered as unknown, not as done", async () => {
  const { desk, askForHold, hold, troubles } = openTestDesk(server.connectionString);
  const eventId = await insertEvent(database, { capacity: 5 });
  await hold(eventId, "before");
  await setStandby("nobody");
  await waitFor("commits to wait for the standby", tryCommit);
  const [outcome] = await Promise.all([
    askForHold(eventId, "ada"),
    waitFor("the commit to be cancelled", cancelWaiting),
  ]);
  expect(outcome).toEqual({ kind: "database_unavailable", effect: "unknown" });
  expect(troubles).toEqual(["A standby did not confirm a commit; it is answered as unknown."]);
  await setStandby("");
  expect(await readStock(database, eventId)).toEqual({ available: 3, held: 2, sold: 0 });
  expect((await askForHold(eventId, "ada")).kind).toBe("duplicate_reservation");
  await desk.stop();
});
