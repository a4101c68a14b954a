import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { RestockOrderReply } from "../../api/contract/restock-orders.ts";
import { cancelRestockOrder } from "../../api/features/restock/cancel-restock-order.ts";
import { attemptsMax } from "../../api/features/restock/place-restock-order.ts";
import { retryRestockOrder } from "../../api/features/restock/retry-restock-order.ts";
import { queueOptions } from "../../api/store/job-queue-options.ts";
import { hurryRetries } from "../support/hurry-retries.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { deliverAll, startSupplier, type SupplierServer } from "../support/start-supplier.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;
let supplier: SupplierServer;

beforeAll(async () => {
  service = await openTestService();
});
beforeEach(async () => {
  // Each test has its own, so that none meets the circuit that another has broken.
  supplier = await startSupplier();
});
afterEach(() => supplier.close());
afterAll(() => service.close());

/** Makes an event fall short of tickets. @returns its id */
async function runShort(supplier_url = supplier.url): Promise<string> {
  const restock = { threshold: 2, quantity: 5, supplier_url };
  const { id } = await service.createEvent({ capacity: 2, restock });
  await service.hold(id, "ada");
  return id;
}

async function readOrder(eventId: string): Promise<RestockOrderReply> {
  const path = `/v1/events/${eventId}/restock-orders`;
  const { body } = await service.send("get", path, { as: service.keys.service });
  const [order] = (body as unknown as { data: RestockOrderReply[] }).data;
  if (order === undefined) throw new Error("There is no order.");
  return order;
}

/** Waits until the event's order is so. What is to be tried again is due at once. */
const until = (eventId: string, isSo: (order: RestockOrderReply) => boolean) =>
  waitFor("the restock order", async () => {
    await hurryRetries(service.database);
    const order = await readOrder(eventId);
    return isSo(order) && order;
  });

const readJob = async (id: string) => {
  const rows = await service.database.query<{ state: string; output: unknown }>(
    "select state::text as state, output from pgboss.job where name = 'place-restock-order' and id = $1",
    [id],
  );
  return rows[0];
};
/** Makes a job that waits for its next try wait for long: what is in hand is put back after it was cancelled, too. */
const putOff = async (id: string) => {
  const rows = await service.database.query<{ id: string }>(
    "update pgboss.job set start_after = now() + interval '1 hour' where id = $1 and state = 'retry' returning id",
    [id],
  );
  return rows.length > 0;
};
const untilNoJob = (id: string) =>
  waitFor("the job to be done", async () => (await readJob(id)) === undefined);
const keysAsked = () => [...new Set(supplier.calls.map(({ key }) => key))];

test("an order is asked for under one key until the supplier has delivered, whatever it does before", async () => {
  supplier.behave("reset", { status: 500 }, "half an answer", { status: 200, body: "ok" }, deliverAll);
  const eventId = await runShort();
  const order = await until(eventId, ({ status }) => status === "delivered");
  expect(order).toMatchObject({ attempts: 5, last_error: null, supplier_reference: "PO-7", placed_at: null });
  expect(keysAsked()).toEqual([order.id]);
  expect([...supplier.books]).toEqual([[order.id, 5]]);
  expect(await service.readEvent(eventId)).toMatchObject({ capacity: 7, available: 6, held: 1 });
  await untilNoJob(order.id);
});

test("an order that the supplier takes waits for its delivery to be reported", async () => {
  supplier.behave({ status: 202, body: { status: "accepted", reference: "PO-9" } });
  const eventId = await runShort();
  const order = await until(eventId, ({ status }) => status === "placed");
  await untilNoJob(order.id);
  expect(order).toMatchObject({ attempts: 1, supplier_reference: "PO-9" });
  expect(await service.readEvent(eventId)).toMatchObject({ capacity: 2 });
  const body = { restock_order_id: order.id, quantity: 5 };
  await service.send("post", "/v1/supplier-deliveries", { as: service.keys.service, body });
  expect(await readOrder(eventId)).toMatchObject({
    status: "delivered",
    placed_at: order.placed_at,
    supplier_reference: "PO-9",
  });
});

test.each([
  ["the supplier refuses it for good", { status: 422, body: "We have none." }, "answered 422: We have none."],
  [
    "the supplier delivers another quantity",
    { status: 200, body: { status: "delivered", quantity: 4 } },
    "delivered 4 instead of 5",
  ],
])("an order is given up visibly when %s, and the next one held back", async (_why, behaviour, said) => {
  supplier.behave(behaviour);
  const eventId = await runShort();
  const order = await until(eventId, ({ status }) => status === "given_up");
  expect(order).toMatchObject({ attempts: 1, last_error: expect.stringContaining(said) });
  expect(order.closed_at).not.toBeNull();
  await waitFor("the job to have failed", async () => (await readJob(order.id))?.state === "failed");
  expect(await readJob(order.id)).toMatchObject({ output: { message: expect.stringContaining(said) } });
  await service.hold(eventId, "bob");
  expect((await readOrder(eventId)).id).toBe(order.id);
  expect(await service.readEvent(eventId)).toMatchObject({ capacity: 2, available: 0 });
});

test("an order that was asked for in vain for days is given up, before the queue would forget it", async () => {
  expect(attemptsMax).toBeLessThan(queueOptions["place-restock-order"].retryLimit);
  supplier.behave({ status: 503 });
  const eventId = await runShort();
  const { id } = await until(eventId, ({ attempts }) => attempts >= 1);
  await service.database.query("update restock_orders set attempts = $2 where id = $1", [
    id,
    attemptsMax - 1,
  ]);
  const order = await until(eventId, ({ status }) => status === "given_up");
  expect(order.last_error).toMatch(/^Asked 40\d\d times in vain\. The supplier at 127\.0\.0\.1/);
});

test("an order that was given up is placed after all when somebody tries it again, under its old key", async () => {
  supplier.behave({ status: 410 }, deliverAll);
  const eventId = await runShort();
  const { id } = await until(eventId, ({ status }) => status === "given_up");
  await waitFor("the job to have failed", async () => (await readJob(id))?.state === "failed");
  const asked = { eventId, restockOrderId: id, actor: "ops" };
  expect(await retryRestockOrder(service.services, asked)).toMatchObject({ kind: "restock_changed" });
  expect(await until(eventId, ({ status }) => status === "delivered")).toMatchObject({ id, attempts: 1 });
  expect(keysAsked()).toEqual([id]);
  await untilNoJob(id);
});

test("an order that is cancelled is not asked for any more", async () => {
  supplier.behave({ status: 500 });
  const eventId = await runShort();
  const { id } = await until(eventId, ({ last_error }) => last_error?.includes("answered 500") === true);
  await waitFor("the job to wait for its next try", () => putOff(id));
  const ended = { eventId, restockOrderId: id, reason: "Too late.", actor: "ops" };
  expect((await cancelRestockOrder(service.services, ended)).kind).toBe("restock_changed");
  expect(await readJob(id)).toBeUndefined();
  expect(await readOrder(eventId)).toMatchObject({ status: "cancelled", last_error: "Too late." });
});

test("the built-in supplier delivers at once", async () => {
  const eventId = await runShort("demo:");
  const order = await until(eventId, ({ status }) => status === "delivered");
  expect(order).toMatchObject({ attempts: 1, supplier_reference: `demo-${order.id}` });
  expect(await service.readEvent(eventId)).toMatchObject({ capacity: 7 });
});

test("a job whose order is not there says so and is kept", async () => {
  const eventId = await runShort("demo:");
  const { id } = await until(eventId, ({ status }) => status === "delivered");
  await untilNoJob(id);
  const { jobStatements, database } = service.services;
  const missing = id.replace(/^../, "ff");
  await jobStatements.enqueue(database, [
    { queue: "place-restock-order", id: missing, startAfterSeconds: 0 },
  ]);
  await waitFor("the failure", async () => (await readJob(missing))?.state === "retry");
  expect(await readJob(missing)).toMatchObject({
    output: { message: expect.stringContaining("no such order") },
  });
  await service.database.query("delete from pgboss.job where id = $1", [missing]);
});
