import { afterAll, beforeAll, expect, test } from "vitest";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { isAlive } from "../support/watch-operations.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, { WORKERS_MIN: "2", WORKERS_MAX: "2" });
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

test(
  "a supervisor that is killed leaves no worker behind, and the next takes the ports, the counters and the errors",
  { timeout: 60_000 },
  async () => {
    const pids = await sale.watch.awaitReady(2);
    const buying = sale.buyers.buyUntilStopped(8);
    const counted = () => sale.watch.metric("holdfast_reservations_total", 'outcome="held"');
    await waitFor("sales", () => sale.buyers.heldCount > 100);
    await waitFor("counts", async () => (await counted()) > 100);
    // What was counted a moment ago has been saved by the time that more has come.
    const savedAtLeast = await counted();
    process.kill(pids[0] ?? -1, "SIGKILL");
    await waitFor("the error to be kept", async () => {
      const rows = await database.query("select 1 from reported_errors where level = 'error'");
      return rows.length > 0;
    });
    const everyPid = [...pids, ...(await sale.watch.awaitReady(2))];

    expect(await sale.service().end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    await waitFor("the workers to end by themselves", () => !everyPid.some(isAlive));
    await sale.restart();

    await waitFor("the old counters", async () => (await counted()) >= savedAtLeast);
    await waitFor("the old errors", async () =>
      (await sale.watch.errors()).data.some(({ level }) => level === "error"),
    );
    const heldBefore = sale.buyers.heldCount;
    await waitFor("further sales", () => sale.buyers.heldCount > heldBefore + 50);
    sale.buyers.stop();
    await buying;
    await sale.buyers.settle();
    expect((await sale.stock()).held).toBe(sale.buyers.heldCount);
    const nodes = (await sale.watch.nodes()).data;
    // The same machine is the same node, whatever happened to its process.
    expect(nodes).toHaveLength(1);
  },
);

test(
  "a signal to stop lets a request that is under way finish, and ends every process",
  { timeout: 40_000 },
  async () => {
    const pids = await sale.watch.awaitReady(2);
    const lock = await database.connect();
    await lock.query("begin");
    await lock.query("select 1 from events where id = $1 for update", [sale.eventId]);
    const asked = sale.buyers.send({ userId: "late", key: "late", answer: null });
    await waitFor("the request to wait for the lock", async () => {
      const rows = await database.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length > 0;
    });
    const ended = sale.service().end("SIGTERM");
    await lock.query("rollback");
    expect(await asked).toMatchObject({ status: 201 });
    expect(await ended).toMatchObject({ code: 0 });
    expect(pids.filter(isAlive)).toEqual([]);
  },
);
