import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLog } from "../../api/kernel/log.ts";
import { JobQueue } from "../../api/store/open-job-queue.ts";
import type { RestockChange, RestockChanged } from "../../api/operations/create-operations.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import {
  addDelivery,
  addEndpoint,
  addKeys,
  addQueuedJobs,
  addRestockedEvent,
  addRestockOrder,
  idOf,
  type Keys,
} from "./fill-jobs.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

/** Nobody does jobs here: this is how it is while every worker is down. */
let database: TestDatabase;
let keys: Keys;
let tested: TestOperations;

beforeAll(async () => {
  database = await openTestDatabase();
  keys = await addKeys(database);
  tested = await openTestOperations({ connectionString: database.connectionString });
  tested.setCluster({ workers: [], live: 0 });
});
afterAll(async () => {
  await tested.close();
  await database.close();
});
beforeEach(async () => {
  await database.query("delete from pgboss.job");
});

type Act = "retry" | "cancel";
const send = (act: Act, queue: string, id: string) =>
  tested.send(`/ops/v1/jobs/${queue}/${id}/${act}`, { body: {} });
/** The status, and the code of a refusal. */
async function steer(act: Act, queue: string, id: string): Promise<string> {
  const { status, text } = await send(act, queue, id);
  return text === "" ? String(status) : `${status} ${String(JSON.parse(text).code)}`;
}
async function readJob(id: string) {
  const [job] = await database.query(
    "select state::text, start_after <= clock_timestamp() as is_due from pgboss.job where id = $1",
    [id],
  );
  return job;
}
async function readDelivery(id: string) {
  const [delivery] = await database.query(
    `select status, last_error, next_try_at <= clock_timestamp() as is_due, ended_at is null as is_open
     from webhook_deliveries where id = $1`,
    [id],
  );
  return delivery;
}

describe("retrying, with every worker down,", () => {
  test("makes what waits due at once, and a try that was given up again gets all its tries", async () => {
    await addQueuedJobs(database, [
      { queue: "settle-payment", id: idOf(1), state: "created" },
      { queue: "refund-payment", id: idOf(2), state: "retry", retries: 3 },
      { queue: "send-receipt", id: idOf(3), state: "failed", retries: 5 },
    ]);
    expect(await steer("retry", "settle-payment", idOf(1))).toBe("204");
    expect(await steer("retry", "refund-payment", idOf(2))).toBe("204");
    expect(await steer("retry", "send-receipt", idOf(3))).toBe("204");
    expect(await readJob(idOf(1))).toEqual({ state: "created", is_due: true });
    expect(await readJob(idOf(2))).toEqual({ state: "retry", is_due: true });
    expect(await readJob(idOf(3))).toEqual({ state: "retry", is_due: true });

    const queue = await JobQueue.open(database.connectionString, () => {});
    expect(await queue.take("send-receipt", 5)).toEqual([idOf(3)]);
    await queue.giveBack("send-receipt", idOf(3), "The mailbox is full.");
    expect(await readJob(idOf(3))).toMatchObject({ state: "retry" });
    await queue.close();
  });

  test("makes a message due, also one that was given up", async () => {
    await addEndpoint(database, idOf(700));
    const pending = await addDelivery(database, {
      endpointId: idOf(700),
      status: "pending",
      attempts: 2,
    });
    const failed = await addDelivery(database, {
      endpointId: idOf(700),
      status: "failed",
      attempts: 9,
    });
    for (const id of [pending, failed]) {
      expect(await steer("retry", "deliver-webhooks", id)).toBe("204");
      expect(await readDelivery(id)).toMatchObject({ status: "pending", is_due: true, is_open: true });
    }
  });

  test("is refused for a message whose endpoint is deleted", async () => {
    await addEndpoint(database, idOf(701));
    const id = await addDelivery(database, { endpointId: idOf(701), status: "failed", attempts: 9 });
    await database.query("update webhook_endpoints set deleted_at = now() where id = $1", [idOf(701)]);
    expect(await steer("retry", "deliver-webhooks", id)).toBe("409 job_not_retryable");
    expect(await readDelivery(id)).toMatchObject({ status: "failed" });
  });
});

describe("cancelling, with every worker down,", () => {
  test("has a job not tried again, whatever became of it so far", async () => {
    await addQueuedJobs(database, [
      { queue: "send-receipt", id: idOf(1), state: "created" },
      { queue: "send-code", id: idOf(2), state: "retry" },
      { queue: "send-receipt", id: idOf(3), state: "failed" },
    ]);
    for (const [queue, id] of [
      ["send-receipt", idOf(1)],
      ["send-code", idOf(2)],
      ["send-receipt", idOf(3)],
    ] as const) {
      expect(await steer("cancel", queue, id)).toBe("204");
      expect(await readJob(id)).toMatchObject({ state: "cancelled" });
      expect(await steer("cancel", queue, id)).toBe("404 job_not_found");
      expect(await steer("retry", queue, id)).toBe("404 job_not_found");
    }
  });

  test("never leaves money undone", async () => {
    await addQueuedJobs(database, [
      { queue: "settle-payment", id: idOf(1), state: "created" },
      { queue: "refund-payment", id: idOf(2), state: "failed" },
    ]);
    expect(await steer("cancel", "settle-payment", idOf(1))).toBe("409 job_not_cancellable");
    expect(await steer("cancel", "refund-payment", idOf(2))).toBe("409 job_not_cancellable");
    expect(await readJob(idOf(1))).toMatchObject({ state: "created" });
    expect(await readJob(idOf(2))).toMatchObject({ state: "failed" });
  });

  test("has a message given up, and says by whom", async () => {
    await addEndpoint(database, idOf(702));
    const id = await addDelivery(database, { endpointId: idOf(702), status: "pending", attempts: 2 });
    expect(await steer("cancel", "deliver-webhooks", id)).toBe("204");
    expect(await readDelivery(id)).toMatchObject({
      status: "failed",
      last_error: "Cancelled by an operator.",
      is_open: false,
    });
    expect(await steer("cancel", "deliver-webhooks", id)).toBe("409 job_not_cancellable");
  });
});

describe("steering is refused", () => {
  test("for a job that runs", async () => {
    await addQueuedJobs(database, [{ queue: "send-code", id: idOf(1), state: "active" }]);
    await addEndpoint(database, idOf(703));
    const leased = await addDelivery(database, {
      endpointId: idOf(703),
      status: "pending",
      isLeased: true,
    });
    for (const act of ["retry", "cancel"] as const) {
      expect(await steer(act, "send-code", idOf(1))).toBe("409 job_running");
      expect(await steer(act, "deliver-webhooks", leased)).toBe("409 job_running");
    }
    expect(await readJob(idOf(1))).toMatchObject({ state: "active" });
  });

  test("for what is not there", async () => {
    await addEndpoint(database, idOf(704));
    const delivered = await addDelivery(database, { endpointId: idOf(704), status: "delivered" });
    const cases = [
      ["send-receipt", idOf(99)],
      ["send-receipt", "none"],
      ["audit-stock", idOf(1)],
      ["constructor", idOf(1)],
      ["deliver-webhooks", "999999999999999999"],
      ["deliver-webhooks", "9999999999999999999999"],
      ["deliver-webhooks", idOf(1)],
      ["deliver-webhooks", delivered],
    ] as const;
    for (const [queue, id] of cases)
      expect([queue, id, await steer("retry", queue, id)]).toEqual([queue, id, "404 job_not_found"]);
  });

  test("without an empty body, and in another way than by POST", async () => {
    const path = `/ops/v1/jobs/send-receipt/${idOf(1)}/retry`;
    expect((await tested.send(path, { body: { force: true } })).status).toBe(422);
    expect((await tested.send(path)).status).toBe(405);
  });

  test("without an admin's key", async () => {
    await addQueuedJobs(database, [{ queue: "send-receipt", id: idOf(1), state: "failed" }]);
    const exposed = await openTestOperations({
      connectionString: database.connectionString,
      host: "0.0.0.0",
    });
    const path = `/ops/v1/jobs/send-receipt/${idOf(1)}/cancel`;
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` }, body: {} });
    expect((await exposed.send(path, { body: {} })).status).toBe(401);
    expect((await exposed.send(path, as(keys.observer))).status).toBe(403);
    expect(await readJob(idOf(1))).toMatchObject({ state: "failed" });
    expect((await exposed.send(path, as(keys.admin))).status).toBe(204);
    await exposed.close();
  });
});

test("each act is written to the log with who did it", async () => {
  await addQueuedJobs(database, [{ queue: "send-receipt", id: idOf(1), state: "failed" }]);
  const log = createLog("silent");
  const info = vi.spyOn(log, "info");
  const logged = await openTestOperations({
    connectionString: database.connectionString,
    log,
    host: "0.0.0.0",
  });
  const sent = {
    headers: { authorization: `Bearer ${keys.admin}`, "x-request-id": "mine" },
    body: {},
  };
  for (const act of ["retry", "cancel", "cancel"])
    await logged.send(`/ops/v1/jobs/send-receipt/${idOf(1)}/${act}`, sent);
  const about = {
    queue: "send-receipt",
    job: idOf(1),
    actor: "the dashboard (admin key)",
    request_id: "mine",
  };
  expect(info.mock.calls).toEqual([
    [about, "A job was made due by hand."],
    [about, "A job was cancelled by hand."],
  ]);
  await logged.close();
});

test("a restock order is closed and reopened where its event is locked", async () => {
  await addRestockedEvent(database, idOf(900), "Harbour Jazz");
  await addRestockOrder(database, { id: idOf(4), eventId: idOf(900), status: "open" });
  await addQueuedJobs(database, [{ queue: "place-restock-order", id: idOf(4), state: "retry" }]);
  const asked: [string, RestockChange][] = [];
  let outcome: RestockChanged = "done";
  const change = (what: string) => async (wanted: RestockChange) => {
    asked.push([what, wanted]);
    return outcome;
  };
  const steered = await openTestOperations({
    connectionString: database.connectionString,
    closeRestock: change("close"),
    reopenRestock: change("reopen"),
  });
  const path = (act: Act, id = idOf(4)) => `/ops/v1/jobs/place-restock-order/${id}/${act}`;
  const status = async (address: string) => (await steered.send(address, { body: {} })).status;
  expect(await status(path("cancel"))).toBe(204);
  // The job is the desk's to take out, or to leave as it was given up.
  expect(await readJob(idOf(4))).toEqual({ state: "retry", is_due: false });
  expect(await status(path("retry"))).toBe(204);
  expect(await readJob(idOf(4))).toEqual({ state: "retry", is_due: true });
  expect(await status(path("retry", idOf(5)))).toBe(404);
  const wanted = { eventId: idOf(900), restockOrderId: idOf(4), actor: "the dashboard" };
  expect(asked).toEqual([
    ["close", wanted],
    ["reopen", wanted],
  ]);
  for (const [next, expected] of [
    ["is_pointless", 409],
    ["not_found", 404],
    ["unavailable", 503],
  ] as const) {
    outcome = next;
    expect(await status(path("cancel"))).toBe(expected);
  }
  expect(await readJob(idOf(4))).toMatchObject({ state: "retry" });
  outcome = "done";
  await database.query("update pgboss.job set state = 'failed'");
  expect(await status(path("cancel"))).toBe(204);
  expect(await readJob(idOf(4))).toMatchObject({ state: "cancelled" });
  const asks = asked.length;
  await database.query("update pgboss.job set state = 'active'");
  expect(await status(path("cancel"))).toBe(409);
  expect(asked).toHaveLength(asks);
  await steered.close();
});

test("with every worker down, a restock order is cancelled with its job, and placed after all with a new one", async () => {
  await addRestockedEvent(database, idOf(901), "Northern Lights");
  await addRestockOrder(database, { id: idOf(6), eventId: idOf(901), status: "open" });
  await database.query(
    "update events set restock_order_id = $2, capacity = 0, available = 0, held = 0, sold = 0 where id = $1",
    [idOf(901), idOf(6)],
  );
  await addQueuedJobs(database, [{ queue: "place-restock-order", id: idOf(6), state: "retry" }]);
  const readOrder = async () =>
    (
      await database.query(
        `select restock_orders.status, restock_order_id as under_way, restock_held_back as held_back
          from restock_orders join events on events.id = event_id where restock_orders.id = $1`,
        [idOf(6)],
      )
    )[0];

  expect(await steer("cancel", "place-restock-order", idOf(6))).toBe("204");
  expect(await readOrder()).toEqual({ status: "cancelled", under_way: null, held_back: true });
  expect(await readJob(idOf(6))).toBeUndefined();

  expect(await steer("retry", "place-restock-order", idOf(6))).toBe("204");
  expect(await readOrder()).toEqual({ status: "open", under_way: idOf(6), held_back: false });
  expect(await readJob(idOf(6))).toMatchObject({ state: "created" });
});
