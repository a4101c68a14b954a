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

/** Makes every commit from now on wait for a standby, which does not exist; null ends that. */
async function requireStandby(name: string | null): Promise<void> {
  await client.query(`alter system set synchronous_standby_names = '${name ?? ""}'`);
  await client.query("select pg_reload_conf()");
  await waitFor("the setting to be in force", async () => {
    const [row] = await database.query<{ names: string }>(
      "select current_setting('synchronous_standby_names') as names",
    );
    return row?.names === (name ?? "");
  });
}

test("a commit that a standby should have confirmed and has not is answered as unknown, not as done", async () => {
  const { desk, askForHold, hold, troubles } = openTestDesk(server.connectionString);
  const eventId = await insertEvent(database, { capacity: 5 });
  await hold(eventId, "before");
  await requireStandby("nobody");
  const outcome = askForHold(eventId, "ada");
  const cancelled = waitFor("the commit to be cancelled", async () => {
    const [row] = await database.query<{ cancelled: boolean }>(
      "select pg_cancel_backend(pid) as cancelled from pg_stat_activity where wait_event = 'SyncRep'",
    );
    return row?.cancelled;
  });
  expect(await outcome).toEqual({ kind: "database_unavailable", effect: "unknown" });
  await cancelled;
  expect(troubles).toEqual(["A standby did not confirm a commit; it is answered as unknown."]);
  await client.query("set synchronous_commit = local");
  await requireStandby(null);
  expect(await readStock(database, eventId)).toEqual({ available: 3, held: 2, sold: 0 });
  expect((await askForHold(eventId, "ada")).kind).toBe("duplicate_reservation");
  await desk.stop();
});
