import { afterAll, beforeAll, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, { WORKERS_MAX: "3", SCALE_UP_RPS: "30", SCALE_DOWN_RPS: "10" });
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

test(
  "the number of workers rises under load and falls after it, while every request is answered and holds stay exact",
  { timeout: 90_000 },
  async () => {
    const live = async () => (await sale.watch.overview()).workers.live;
    expect(await sale.watch.awaitReady(1)).toHaveLength(1);
    const buying = sale.buyers.buyUntilStopped(8);
    await waitFor("three workers", async () => (await live()) === 3, 30_000);
    const heldBefore = sale.buyers.heldCount;
    await waitFor("sales by all of them", () => sale.buyers.heldCount > heldBefore + 200, 30_000);
    sale.buyers.stop();
    await buying;
    // Nothing died, so nothing may have been left without an answer.
    expect(sale.buyers.unanswered).toEqual([]);
    expect((await sale.stock()).held).toBe(sale.buyers.heldCount);
    await waitFor("one worker again", async () => (await live()) === 1, 60_000);
    await requireRightStock(database);
    const marks = (await sale.watch.marks()).filter(({ kind }) => kind === "scaled");
    expect(marks.length).toBeGreaterThanOrEqual(2);
  },
);
