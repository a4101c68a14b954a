import { afterAll, beforeAll, expect, test } from "vitest";
import { recountStock } from "../../api/store/recount-stock.ts";
import { type Client, createClient } from "../../clients/typescript/client.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { hurryRetries } from "../support/hurry-retries.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { stallDatabase } from "../support/stall-database.ts";
import { waitFor } from "../support/wait-for.ts";

// 1,000 tickets, 999 sold, more to be ordered when fewer than 2 are free, from a supplier of 1,000 that fails at random
// before and after it has acted, while workers are killed wherever it hurts: 1,001 are free in the end, and the supplier
// has one order in its books.

let database: TestDatabase;
let sale: Sale;
let client: Client;

/** The next workers, and then the job that a killed one had in hand. */
const recoveryMaxMs = 120_000;
const testMaxMs = 300_000;
const workers = 2;

beforeAll(async () => {
  database = await openTestDatabase();
  sale = await openSale(database, {
    WORKERS_MIN: String(workers),
    WORKERS_MAX: String(workers),
    DEMO_SUPPLIER_FAILURE_RATE: "0.5",
  });
  const options = { triesMax: 100, patienceMs: recoveryMaxMs };
  client = createClient({ baseUrl: sale.url, token: sale.adminKey, ...options });
}, 60_000);
afterAll(async () => {
  await sale.close();
  await requireRightStock(database).finally(() => database.close());
});

/** Kills workers, unless told otherwise all, so also the one that does the jobs, and waits for others. */
async function killWorkers(choose = (pids: readonly number[]) => pids): Promise<void> {
  const killed = choose(await sale.watch.awaitReady(workers));
  for (const pid of killed) process.kill(pid, "SIGKILL");
  await waitFor(
    "other workers",
    async () => {
      const pids = await sale.watch.readyPids();
      return pids.length === workers && !pids.some((pid) => killed.includes(pid));
    },
    recoveryMaxMs,
  );
}

async function openEvent(): Promise<string> {
  const restock = { threshold: 2, quantity: 1_000, supplier_url: "demo:" };
  const terms = { name: "Reference", capacity: 1_000, max_quantity: 9, restock };
  return (await client.createEvent(terms)).id;
}

/** Sells 999 tickets to 111 buyers who come a few at a time and never give up. */
async function sellAlmostAll(eventId: string): Promise<void> {
  const buyers = Array.from({ length: 111 }, (_, index) => `buyer-${index}`);
  const serve = async () => {
    for (let user_id = buyers.pop(); user_id !== undefined; user_id = buyers.pop()) {
      const { id } = await client.holdTickets(eventId, { user_id, quantity: 9 });
      await client.confirmReservation(id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, serve));
}

const readOrders = (eventId: string) =>
  database.query<{ id: string; status: string; attempts: number }>(
    "select id, status, attempts from restock_orders where event_id = $1",
    [eventId],
  );
/** A supplier that fails at random, and the kills, use up the short pauses between the tries. */
const waitForJobs = <Found>(what: string, look: () => Promise<Found>) =>
  waitFor(
    what,
    async () => {
      await hurryRetries(database);
      return look();
    },
    recoveryMaxMs,
  );
const untilDelivered = (eventId: string) =>
  waitForJobs("the delivery", async () =>
    (await readOrders(eventId)).find(({ status }) => status === "delivered"),
  );
const untilNoJobs = () =>
  waitForJobs(
    "the jobs to be done",
    async () => (await database.query("select 1 from pgboss.job")).length === 0,
  );
const supplierBooks = () => database.query<{ key: string }>("select key, quantity from demo_supplier_orders");

/** What must be so in the end, after another report of the same delivery too. */
async function expectOneDelivery(eventId: string): Promise<void> {
  const { id } = await untilDelivered(eventId);
  await client.reportDelivery({ restock_order_id: id, quantity: 1_000 });
  await untilNoJobs();
  expect(await client.findEvent(eventId)).toMatchObject({
    capacity: 2_000,
    available: 1_001,
    held: 0,
    sold: 999,
  });
  expect(await readOrders(eventId)).toHaveLength(1);
  expect((await supplierBooks()).filter(({ key }) => key === id)).toEqual([{ key: id, quantity: 1_000 }]);
  const audit = await recountStock(database.connectionString);
  expect(audit).toMatchObject({ mismatches: [], orderMismatches: [], oversoldTickets: 0 });
  const audits = await database.query(
    "select action from event_audits where event_id = $1 and action = 'restocked'",
    [eventId],
  );
  expect(audits).toHaveLength(1);
}

test(
  "killed while it sells, before the supplier has acted, after that, and while the delivery is written",
  { timeout: testMaxMs },
  async () => {
    const { hold, untilBlocked, untilGivenUp } = stallDatabase(database, recoveryMaxMs, () =>
      hurryRetries(database),
    );
    const eventId = await openEvent();
    const releaseSupplier = await hold("lock table demo_supplier_orders in access exclusive mode");
    const selling = sellAlmostAll(eventId);
    await killWorkers();
    await selling;

    await untilBlocked("%insert into demo_supplier_orders%");
    expect(await readOrders(eventId)).toMatchObject([{ status: "open" }]);
    await killWorkers();
    await untilGivenUp();
    expect(await client.findEvent(eventId)).toMatchObject({ available: 1, sold: 999 });

    // The supplier may act now, but what it says cannot be written down.
    const releaseEvent = await hold("select 1 from events where id = $1 for update", [eventId]);
    await releaseSupplier();
    await waitForJobs("the supplier to act", async () => (await supplierBooks()).length === 1);
    await untilBlocked("%for no key update%");
    await killWorkers();
    await untilGivenUp();
    expect(await readOrders(eventId)).toMatchObject([{ status: "open" }]);
    await releaseEvent();
    await expectOneDelivery(eventId);
  },
);

test("killed at random, again and again, until the delivery is there", { timeout: testMaxMs }, async () => {
  const eventId = await openEvent();
  const isDelivered = async () => (await readOrders(eventId)).some(({ status }) => status === "delivered");
  const selling = sellAlmostAll(eventId);
  // At least three times, so that there are kills in the middle of the sale, and then for as long as it takes. One of
  // two at a time: who kills all again and again waits for the supervisor, which starts them ever more slowly.
  for (let kills = 0; kills < 3 || (kills < 6 && !(await isDelivered())); kills += 1)
    await killWorkers((pids) => pids.slice(kills % workers).slice(0, 1));
  await selling;
  expect((await untilDelivered(eventId)).attempts).toBeGreaterThanOrEqual(1);
  await expectOneDelivery(eventId);
});
