import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobsReply } from "../../api/contract/job-lists.ts";
import { readJobBoard } from "../../api/store/job-board.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import {
  addCustomer,
  addDelivery,
  addEndpoint,
  addQueuedJobs,
  addRestockedEvent,
  addRestockOrder,
  addVerification,
  idOf,
} from "./fill-jobs.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

let database: TestDatabase;
let tested: TestOperations;

beforeAll(async () => {
  database = await openTestDatabase();
  // Nobody reports a job here: this is how it looks while every worker is down.
  tested = await openTestOperations({ connectionString: database.connectionString });
  tested.setCluster({ workers: [], live: 0 });
});
afterAll(async () => {
  await tested.close();
  await database.close();
});

const phone = "+4915112345678";
const list = (query = "") => tested.read(`/ops/v1/jobs${query}`, jobsReply);
/** The list as it is read anew, once what was remembered is old. */
async function waitForList(isWanted: (jobs: Awaited<ReturnType<typeof list>>) => boolean) {
  const until = Date.now() + 20_000;
  for (;;) {
    const jobs = await list();
    if (isWanted(jobs) || Date.now() > until) return jobs;
  }
}
const brief = ({ data }: Awaited<ReturnType<typeof list>>) =>
  data.map(({ queue, state, id }) => `${queue} ${state} ${id}`);

describe("with every worker down", () => {
  test("jobs of all states are listed with what they are about, oldest first", async () => {
    await addRestockedEvent(database, idOf(900), "Harbour Jazz");
    await addRestockOrder(database, { id: idOf(4), eventId: idOf(900), status: "open" });
    await addCustomer(database, idOf(800), phone);
    await addVerification(database, {
      id: idOf(3),
      customerId: idOf(800),
      phoneNumber: phone,
      status: "pending",
      agoSeconds: 10,
    });
    await addEndpoint(database, idOf(700));
    await addQueuedJobs(database, [
      { queue: "settle-payment", id: idOf(1), state: "created" },
      { queue: "send-receipt", id: idOf(2), state: "active" },
      { queue: "send-code", id: idOf(3), state: "retry", retries: 1, error: "The gateway answered 503." },
      { queue: "place-restock-order", id: idOf(4), state: "failed", retries: 4, error: "No such article." },
      { queue: "send-receipt", id: idOf(5), state: "completed" },
      { queue: "send-receipt", id: idOf(6), state: "cancelled" },
    ]);
    const waiting = await addDelivery(database, { endpointId: idOf(700), status: "pending" });
    const running = await addDelivery(database, { endpointId: idOf(700), status: "pending", isLeased: true });
    const retrying = await addDelivery(database, { endpointId: idOf(700), status: "pending", attempts: 2 });
    const failed = await addDelivery(database, { endpointId: idOf(700), status: "failed", attempts: 9 });
    await addDelivery(database, { endpointId: idOf(700), status: "delivered", attempts: 1 });

    const jobs = await waitForList(({ total }) => total === 8);
    expect(brief(jobs)).toEqual([
      `settle-payment waiting ${idOf(1)}`,
      `send-receipt running ${idOf(2)}`,
      `send-code retrying ${idOf(3)}`,
      `place-restock-order failed ${idOf(4)}`,
      `deliver-webhooks waiting ${waiting}`,
      `deliver-webhooks running ${running}`,
      `deliver-webhooks retrying ${retrying}`,
      `deliver-webhooks failed ${failed}`,
    ]);
    expect(jobs).toMatchObject({ total: 8, is_current: true });
    expect(jobs.data.map(({ attempts }) => attempts)).toEqual([0, 1, 2, 5, 0, 1, 2, 9]);
    expect(jobs.data.map(({ about }) => about)).toEqual([
      { kind: "order", id: idOf(1), text: "Payment of an order" },
      { kind: "order", id: idOf(2), text: "Receipt of an order" },
      { kind: "customer", id: idOf(800), text: "Code for •••••••••••678" },
      { kind: "event", id: idOf(900), text: "Restock of Harbour Jazz" },
      ...Array.from({ length: 4 }, () => ({
        kind: "webhook_endpoint",
        id: idOf(700),
        text: "order.paid to hooks.shop.example",
      })),
    ]);
    const may = jobs.data.map(({ can_retry, can_cancel }) => [can_retry, can_cancel]);
    expect(may).toEqual([
      [true, false],
      [false, false],
      [true, true],
      [true, true],
      [true, true],
      [false, false],
      [true, true],
      [true, false],
    ]);
    const code = jobs.data[2];
    expect(code).toMatchObject({ last_error: "The gateway answered 503." });
    expect(Date.parse(code?.next_try_at ?? "")).toBeGreaterThan(Date.now());
    expect(jobs.data[3]?.next_try_at).toBeNull();
  });

  test("the kinds of work are counted in the database, and none can be run", async () => {
    const { queues } = await list();
    expect(queues.map(({ name, counts }) => [name, counts])).toEqual([
      ["deliver-webhooks", { waiting: 1, running: 1, retrying: 1, failed: 1 }],
      ["place-restock-order", { waiting: 0, running: 0, retrying: 0, failed: 1 }],
      ["send-code", { waiting: 0, running: 0, retrying: 1, failed: 0 }],
      ["send-receipt", { waiting: 0, running: 1, retrying: 0, failed: 0 }],
      ["settle-payment", { waiting: 1, running: 0, retrying: 0, failed: 0 }],
    ]);
    expect(queues.some(({ can_run_now }) => can_run_now)).toBe(false);
    expect(queues.every(({ purpose }) => purpose.endsWith("."))).toBe(true);
  });

  test("a state, a queue and a limit narrow the list, and the total tells how many there are", async () => {
    expect(brief(await list("?state=failed"))).toHaveLength(2);
    expect(await list("?state=failed&limit=1")).toMatchObject({
      total: 2,
      data: [{ queue: "place-restock-order" }],
    });
    expect((await list("?queue=deliver-webhooks&state=retrying")).data).toMatchObject([{ attempts: 2 }]);
    expect(await list("?queue=nothing-like-it")).toMatchObject({ total: 0, data: [] });
    for (const query of ["?state=done", "?queue=A%20B", "?limit=0", "?limit=101", "?order=new"])
      expect((await tested.send(`/ops/v1/jobs${query}`)).status).toBe(422);
  });

  test("however many look, the database is asked once in a while", async () => {
    await list();
    await database.query("delete from pgboss.job where id = $1", [idOf(1)]);
    const totals = await Promise.all(Array.from({ length: 20 }, () => list("?queue=settle-payment")));
    // All within the second in which the answer is remembered, or all after it.
    expect(new Set(totals.map(({ read_at }) => read_at)).size).toBeLessThanOrEqual(2);
    const jobs = await waitForList(({ total }) => total === 7);
    expect(brief(jobs)[0]).toBe(`send-receipt running ${idOf(2)}`);
  });
});

test("a board has the oldest of each queue and state, and counts all", async () => {
  const own = await openTestDatabase();
  const reading = openDatabase({
    connectionString: own.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
  await addQueuedJobs(
    own,
    Array.from({ length: 7 }, (_, index) => ({
      queue: index % 2 === 0 ? "send-receipt" : "send-code",
      id: idOf(index),
      state: index < 5 ? ("created" as const) : ("failed" as const),
    })),
  );
  const { counts, jobs } = await readJobBoard(reading, 2);
  expect(jobs.map(({ id }) => id)).toEqual([0, 1, 2, 3, 5, 6].map(idOf));
  expect(counts.get("send-receipt")).toEqual({ waiting: 3, running: 0, retrying: 0, failed: 1 });
  // Whose verification is gone still can be seen.
  expect(jobs.find(({ queue }) => queue === "send-code")?.subject).toBeNull();
  await reading.destroy();
  await own.close();
});
