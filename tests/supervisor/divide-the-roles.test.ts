import { afterAll, beforeAll, expect, test } from "vitest";
import { makeOverdue } from "../support/move-deadline.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { ServiceProcess } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { OperationsWatcher } from "../support/watch-operations.ts";

let database: TestDatabase;
let shop: Sale;
let dataDir: string;

beforeAll(async () => {
  database = await openTestDatabase();
  shop = await openSale(database, { ROLE: "api" });
  dataDir = await makeDataDir();
});
afterAll(async () => {
  await shop.close();
  await removeDataDir(dataDir);
  await database.close();
});

test(
  "one machine serves, another does the background work, and each dashboard shows both",
  { timeout: 60_000 },
  async () => {
    await shop.buyers.send({ userId: "ada", key: "ada", answer: null });
    const [hold] = await database.query("select id from reservations");
    await makeOverdue(database, String(hold?.["id"]));
    await waitFor(
      "the overdue hold to be seen",
      async () => (await shop.watch.overview()).holds_overdue === 1,
    );
    expect((await shop.watch.jobs()).queues).toEqual([]);
    expect((await shop.stock()).held).toBe(1);

    const background = new ServiceProcess({
      DATA_DIR: dataDir,
      DATABASE_URL: database.connectionString,
      ROLE: "jobs",
    });
    try {
      const { url, opsUrl, greeting } = await background.ready();
      expect({ url, greeting }).toEqual({ url: "", greeting: expect.stringContaining("background work") });
      await waitFor("the hold to be swept", async () => (await shop.stock()).held === 0);
      const watch = new OperationsWatcher(opsUrl);
      await waitFor("the work to be shown", async () =>
        (await watch.jobs()).queues.some(
          ({ name, runs_total }) => name === "sweep-overdue-holds" && runs_total > 0,
        ),
      );
      for (const each of [watch, shop.watch]) {
        await waitFor("both machines", async () => {
          const roles = (await each.nodes()).data
            .filter(({ state }) => state === "live")
            .map(({ role }) => role);
          return roles.toSorted().join() === "api,jobs";
        });
      }
      expect(await background.end("SIGTERM")).toMatchObject({ code: 0 });
      await waitFor("the goodbye", async () => {
        const { data } = await shop.watch.nodes();
        return data.some(({ role, state }) => role === "jobs" && state === "stopped");
      });
    } finally {
      await background.end("SIGKILL");
    }
  },
);
