import { afterAll, beforeAll, expect, test } from "vitest";
import { lockEvent } from "../support/lock-event.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let sale: Sale;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, { WORKERS_MIN: "1", WORKERS_MAX: "1", REQUESTS_MAX: "2" });
});
afterAll(async () => {
  await sale.close();
  await database.close();
});

test("while a worker refuses new holds, the operations listener answers, and shows what is refused and why", async () => {
  const askForHold = (userId: string) =>
    fetch(`${sale.url}/v1/events/${sale.eventId}/reservations`, {
      method: "POST",
      headers: { authorization: `Bearer ${sale.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ user_id: userId }),
    });
  const unlock = await lockEvent(database, sale.eventId);
  const asked: Promise<Response>[] = [];
  const refused = await waitFor("a refusal", async () => {
    const answer = askForHold(`buyer ${asked.length}`);
    asked.push(answer);
    const first = await Promise.race([
      answer,
      new Promise<null>((resolve) => setTimeout(resolve, 100, null)),
    ]);
    return first?.status === 503 && first;
  });
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toMatchObject({ code: "overloaded" });
  expect(await sale.watch.status("/livez")).toBe(200);
  expect(await sale.watch.status("/readyz")).toBe(200);
  await waitFor(
    "the metric",
    async () => (await sale.watch.metric("holdfast_door_refusals_total", 'reason="requests"')) > 0,
  );
  await unlock();
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(2);
  await waitFor("room", async () => (await askForHold("late")).status === 201);
});
