import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RestockOrderReply } from "../../api/contract/restock-orders.ts";
import { cancelRestockOrder } from "../../api/features/restock/cancel-restock-order.ts";
import { makeReservationId } from "../../api/kernel/ids.ts";
import { openStream } from "../streams/open-stream.ts";
import type { Answer } from "../support/answer.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { startSupplier, type SupplierServer } from "../support/start-supplier.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;
let supplier: SupplierServer;

beforeAll(async () => {
  [service, supplier] = [await openTestService(), await startSupplier()];
});
beforeEach(() => {
  supplier.behave({ status: 202, body: { status: "accepted", reference: "PO-1" } });
});
afterAll(async () => {
  await service.close();
  await supplier.close();
});

/** An event of 2 tickets that orders 5 more when none is free. */
const openEvent = (terms: object = {}) =>
  service.createEvent({
    capacity: 2,
    max_quantity: 10,
    restock: { threshold: 1, quantity: 5, supplier_url: supplier.url },
    ...terms,
  });

const list = async (eventId: string, query = "") => {
  const path = `/v1/events/${eventId}/restock-orders${query}`;
  const { body } = await service.send("get", path, { as: service.keys.observer });
  return body as unknown as { data: RestockOrderReply[]; total: number; has_more: boolean; url: string };
};

const report = (restock_order_id: string, quantity = 5, idempotencyKey?: string): Promise<Answer> =>
  service.send("post", "/v1/supplier-deliveries", {
    as: service.keys.service,
    body: { restock_order_id, quantity },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });

/** Takes every ticket. @returns the restock order, taken by the supplier */
async function sellOut(eventId: string, sell: "hold" | "confirm" = "confirm"): Promise<RestockOrderReply> {
  const { id } = await service.hold(eventId, "ada", 2);
  if (sell === "confirm") await service.change(id, "confirm");
  return waitFor("the supplier to take the order", async () =>
    (await list(eventId)).data.find(({ status }) => status === "placed"),
  );
}

describe("a delivery", () => {
  test.each([
    ["sold_out", "confirm"],
    ["all_held", "hold"],
  ] as const)("gives tickets at once to buyers who were told %s", async (code, sell) => {
    const { id: eventId } = await openEvent();
    const order = await sellOut(eventId, sell);
    const ask = () => service.askForHold(eventId, randomUUID());
    const refused = await Promise.all(Array.from({ length: 20 }, ask));
    expect(new Set(refused.map(({ body }) => body["code"]))).toEqual(new Set([code]));
    // By now it is known here, without asking the database, that there is nothing.
    const command = { kind: "hold", eventId, userId: "bob", quantity: 1 } as const;
    expect(service.services.gate.refuse(command)).toMatchObject({ kind: code });

    const stream = await openStream(service.url, `/v1/events/${eventId}/stream`);
    await stream.until("the first look", ({ available }) => available === 0);
    expect((await report(order.id)).status).toBe(200);
    expect((await ask()).status).toBe(201);
    await stream.until("the new stock", ({ capacity, status }) => capacity === 7 && status === "on_sale");
    stream.close();
  });

  test("raises the capacity once when it is reported 50 times in parallel, with keys and without", async () => {
    const { id: eventId } = await openEvent();
    const order = await sellOut(eventId);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        report(order.id, 5, index % 2 === 0 ? randomUUID() : undefined),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { body } of answers) expect(body).toMatchObject({ id: order.id, status: "delivered" });
    expect(await service.readEvent(eventId)).toMatchObject({ capacity: 7, available: 5, sold: 2 });
  });

  test("answers the same bytes to the same key, and a refusal too", async () => {
    const { id: eventId } = await openEvent();
    const order = await sellOut(eventId);
    const [key, otherKey] = [randomUUID(), randomUUID()];
    const [first, again] = [await report(order.id, 5, key), await report(order.id, 5, key)];
    expect(again.text).toBe(first.text);
    expect(again.headers["idempotent-replayed"]).toBe("true");
    expect((await report(order.id, 6, key)).body["code"]).toBe("idempotency_mismatch");
    const refused = await report(order.id, 4, otherKey);
    expect(refused).toMatchObject({ status: 409, body: { code: "delivery_quantity_mismatch", quantity: 5 } });
    expect((await report(order.id, 4, otherKey)).text).toBe(refused.text);
  });

  test("of another event is refused under a key that was used before, and changes nothing", async () => {
    const [one, other] = [await openEvent(), await openEvent()];
    const [first, second] = [await sellOut(one.id), await sellOut(other.id)];
    const key = randomUUID();
    expect((await report(first.id, 5, key)).status).toBe(200);
    const refused = await report(second.id, 5, key);
    expect(refused).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    expect(await service.readEvent(other.id)).toMatchObject({ capacity: 2 });
    expect((await report(second.id)).status).toBe(200);
    expect((await report(first.id, 5, key)).headers["idempotent-replayed"]).toBe("true");
  });

  test("of what is unknown, closed or not what was ordered is refused, and changes nothing", async () => {
    const event = await openEvent();
    const order = await sellOut(event.id);
    const [{ number = 0 } = {}] = await service.database.query<{ number: number }>(
      "select number from events where id = $1",
      [event.id],
    );
    const before = await service.readEvent(event.id);
    const unknown = { status: 404, body: { code: "restock_order_not_found" } };
    expect(await report(randomUUID())).toMatchObject(unknown);
    expect(await report(makeReservationId(number, Date.now()), 5, randomUUID())).toMatchObject(unknown);
    expect(await report(order.id, 6)).toMatchObject({
      status: 409,
      body: { code: "delivery_quantity_mismatch", quantity: 5, detail: "The restock order is for 5." },
    });
    expect(await service.readEvent(event.id)).toEqual(before);
    const ended = { eventId: event.id, restockOrderId: order.id, reason: "Never came.", actor: "ops" };
    expect((await cancelRestockOrder(service.services, ended)).kind).toBe("restock_changed");
    expect(await report(order.id)).toMatchObject({
      status: 409,
      body: { code: "restock_order_closed", restock_status: "cancelled" },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ capacity: 2, available: 0 });
  });

  test.each<[string, unknown, string]>([
    ["no quantity", { restock_order_id: randomUUID() }, "/quantity"],
    ["nothing", { restock_order_id: randomUUID(), quantity: 0 }, "/quantity"],
    ["less than nothing", { restock_order_id: randomUUID(), quantity: -5 }, "/quantity"],
    ["a part of a ticket", { restock_order_id: randomUUID(), quantity: 1.5 }, "/quantity"],
    ["too many", { restock_order_id: randomUUID(), quantity: 10_000_001 }, "/quantity"],
    ["a number in quotes", { restock_order_id: randomUUID(), quantity: "5" }, "/quantity"],
    ["no order", { quantity: 5 }, "/restock_order_id"],
    ["an order that is no id", { restock_order_id: "PO-1", quantity: 5 }, "/restock_order_id"],
    ["more than is asked for", { restock_order_id: randomUUID(), quantity: 5, event_id: 1 }, "/event_id"],
  ])("of %s is not valid", async (_what, body, pointer) => {
    const answer = await service.send("post", "/v1/supplier-deliveries", { as: service.keys.service, body });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed", errors: [{ pointer }] } });
  });
});

describe("the list of restock orders", () => {
  test("tells all about each, newest first, a page at a time", async () => {
    const { id: eventId } = await openEvent();
    const first = await sellOut(eventId);
    expect(first).toMatchObject({
      event_id: eventId,
      quantity: 5,
      supplier_url: supplier.url,
      attempts: 1,
      last_error: null,
      supplier_reference: "PO-1",
      delivered_at: null,
      closed_at: null,
    });
    expect(supplier.calls.find(({ key }) => key === first.id)?.body).toEqual({
      restock_order_id: first.id,
      event_id: eventId,
      quantity: 5,
    });
    await report(first.id);
    await service.hold(eventId, "bob", 5);
    const all = await list(eventId);
    expect(all).toMatchObject({ total: 2, has_more: false, url: `/v1/events/${eventId}/restock-orders` });
    expect(all.data.map(({ id }) => id).indexOf(first.id)).toBe(1);
    expect(all.data[1]).toMatchObject({ status: "delivered", placed_at: first.placed_at });
    const page = await list(eventId, "?limit=1");
    expect(page).toMatchObject({ has_more: true, data: [{ id: all.data[0]?.id }] });
    expect((await list(eventId, `?limit=1&starting_after=${all.data[0]?.id}`)).data).toEqual([all.data[1]]);
  });

  test("of an event that is not there is no list", async () => {
    const path = `/v1/events/${randomUUID()}/restock-orders`;
    const answer = await service.send("get", path, { as: service.keys.observer });
    expect(answer).toMatchObject({ status: 404, body: { code: "event_not_found" } });
  });
});

describe("an event that is made with less than its threshold", () => {
  test("has its order before anybody asks for a ticket", async () => {
    const { id, capacity } = await openEvent({ capacity: 0 });
    expect(capacity).toBe(0);
    const { data } = await list(id);
    expect(data).toHaveLength(1);
    await waitFor("the order to be placed", async () => (await list(id)).data[0]?.status === "placed");
  });

  test("has none when the request is refused or only repeated", async () => {
    const body = {
      name: "Empty",
      capacity: 0,
      restock: { threshold: 1, quantity: 1, supplier_url: "demo:" },
    };
    const sent = { as: service.keys.admin, body, idempotencyKey: randomUUID() };
    const made = await service.send("post", "/v1/events", sent);
    expect((await service.send("post", "/v1/events", sent)).text).toBe(made.text);
    expect((await list(String(made.body["id"]))).total).toBe(1);
  });
});
