import { afterAll, beforeAll, expect, test } from "vitest";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let proxy: DatabaseProxy;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await DatabaseProxy.start(database.connectionString);
  sale = await openSale(proxy, { WORKERS_MIN: "2", WORKERS_MAX: "2" });
});
afterAll(async () => {
  await sale.close();
  await proxy.close();
  await database.close();
});

test(
  "workers stay when the database goes, both listeners say so, and sales go on when it is back",
  { timeout: 60_000 },
  async () => {
    const pids = await sale.watch.awaitReady(2);
    await waitFor("all to be well", async () => (await sale.watch.overview()).status === "ok");
    proxy.set("cut");
    await waitFor("the verdict to turn", async () => (await sale.watch.overview()).status === "down");
    const { verdict, firing, database: seen } = await sale.watch.overview();
    expect(verdict).toMatch(/database/i);
    expect(firing.map(({ name }) => name)).toContain("PostgreSQLDown");
    expect(seen).toMatchObject({ up: false, latency_ms: null });
    await waitFor("unreadiness", async () => (await sale.watch.status("/readyz")) === 503);
    expect(await sale.watch.status("/livez")).toBe(200);
    expect((await fetch(`${sale.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${sale.url}/livez`)).status).toBe(200);
    expect(await sale.watch.readyPids()).toEqual(pids);

    proxy.set("pass");
    await waitFor("the verdict to turn back", async () => (await sale.watch.overview()).status === "ok");
    await waitFor("readiness", async () => (await sale.watch.status("/readyz")) === 200);
    expect(await sale.watch.readyPids()).toEqual(pids);
    const sold = await waitFor("a sale", () => sale.buyers.send({ userId: "ada", key: "ada", answer: null }));
    expect(sold.status).toBe(201);
    const kinds = (await sale.watch.marks()).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["database_down", "database_up"]));
  },
);

test(
  "a worker that starts while the database is away serves as soon as it is back",
  { timeout: 40_000 },
  async () => {
    const before = await sale.watch.awaitReady(2);
    proxy.set("cut");
    for (const pid of before) process.kill(pid, "SIGKILL");
    await waitFor("no worker to be left", async () => (await sale.watch.overview()).workers.live === 0);
    proxy.set("pass");
    await sale.watch.awaitReady(2);
    expect(await sale.watch.status("/livez")).toBe(200);
  },
);
