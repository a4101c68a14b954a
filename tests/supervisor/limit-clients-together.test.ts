import { Agent, get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, { WORKERS_MIN: "3", WORKERS_MAX: "3" });
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

test("one address has one allowance, however many workers serve it", { timeout: 60_000 }, async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 12 });
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const request = get(`${sale.url}/v1/events/${sale.eventId}`, { agent }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      });
      request.on("error", reject);
    });
  const statuses = await Promise.all(Array.from({ length: 1_400 }, ask));
  agent.destroy();
  const accepted = statuses.filter((status) => status === 200).length;
  // Exactly the allowance in one window, and what a second one adds when the test straddles two.
  expect(statuses.filter((status) => status === 429).length + accepted).toBe(1_400);
  expect(accepted).toBeGreaterThanOrEqual(1_000);
  expect(accepted).toBeLessThan(1_400);
});
