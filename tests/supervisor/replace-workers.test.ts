import { afterAll, beforeAll, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

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

const startMaxMs = 30_000;

/** Waits until two workers serve, none of which is one of these. */
const awaitOthers = (...before: readonly number[]) =>
  waitFor(
    "other workers",
    async () => {
      const pids = await sale.watch.readyPids();
      return pids.length === 2 && pids.every((pid) => !before.includes(pid)) && pids;
    },
    startMaxMs,
  );

test(
  "a worker that is killed is replaced, and no hold that was answered is lost",
  { timeout: 60_000 },
  async () => {
    const [first = -1, second = -1] = await sale.watch.awaitReady(2);
    const buying = sale.buyers.buyUntilStopped(8);
    await waitFor("sales", () => sale.buyers.heldCount > 50);
    process.kill(first, "SIGKILL");
    expect(await awaitOthers(first)).toContain(second);
    const heldBefore = sale.buyers.heldCount;
    await waitFor("further sales", () => sale.buyers.heldCount > heldBefore + 50);
    sale.buyers.stop();
    await buying;
    await sale.buyers.settle();
    expect((await sale.stock()).held).toBe(sale.buyers.heldCount);
    await requireRightStock(database);
    expect((await sale.watch.marks()).map(({ kind }) => kind)).toContain("crashed");
    expect((await sale.watch.workers()).restarts_total).toBe(1);
  },
);

test(
  "when all workers are killed at once the dashboard goes on, and they come back",
  { timeout: 60_000 },
  async () => {
    const before = await sale.watch.awaitReady(2);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await waitFor("a moment without workers", async () => (await sale.watch.readyPids()).length === 0);
    expect(await sale.watch.status("/livez")).toBe(200);
    expect((await sale.watch.overview()).workers.max).toBe(2);
    await awaitOthers(...before);
    await waitFor("readiness", async () => (await sale.watch.status("/readyz")) === 200);
    expect((await sale.stock()).held).toBe(sale.buyers.heldCount);
  },
);

test("a worker that has stopped is killed and replaced", { timeout: 60_000 }, async () => {
  const [stopped = -1] = await sale.watch.awaitReady(2);
  process.kill(stopped, "SIGSTOP");
  await awaitOthers(stopped);
  expect((await sale.watch.marks()).map(({ kind }) => kind)).toContain("hung");
});

test("counters never go backwards, whichever workers die", { timeout: 90_000 }, async () => {
  const counted = () => sale.watch.metric("holdfast_reservations_total", 'outcome="held"');
  const requests = () => sale.watch.metric("http_request_duration_seconds_count");
  let [lastHeld, lastRequests] = [await counted(), await requests()];
  expect(lastHeld).toBeGreaterThan(0);
  for (let round = 0; round < 3; round += 1) {
    const before = await sale.watch.awaitReady(2);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await waitFor(
      "workers of another generation",
      async () => {
        const [held, asked] = [await counted(), await requests()];
        expect(held).toBeGreaterThanOrEqual(lastHeld);
        expect(asked).toBeGreaterThanOrEqual(lastRequests);
        [lastHeld, lastRequests] = [held, asked];
        const pids = await sale.watch.readyPids();
        return pids.length === 2 && pids.every((pid) => !before.includes(pid));
      },
      startMaxMs,
    );
  }
});
