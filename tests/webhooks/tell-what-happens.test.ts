import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webhookMessage } from "../../api/contract/webhook-endpoints.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import type { TestService } from "../support/open-test-service.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";
import { waitFor } from "../support/wait-for.ts";
import { createEndpoint, type Endpoint, openListeningService, readLog } from "./open-listening-service.ts";

let receiver: WebhookReceiver;
let service: TestService;
let endpoint: Endpoint;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ receiver, service, close } = await openListeningService({ demo: true }));
  endpoint = await createEndpoint(service, receiver.url);
});
afterAll(() => close());

const typesAbout = async (subjectId: string, count: number) =>
  (await receiver.waitForAbout(subjectId, count)).map(({ type }) => type);

describe("an endpoint is told", () => {
  test("of a hold and its sale, signed, with what the API answers", async () => {
    const event = await service.createEvent({ max_quantity: 2, max_extensions: 1 });
    const held = await service.hold(event.id, "ada", 2);
    await service.change(held.id, "extend");
    const confirmed = await service.change(held.id, "confirm");
    const messages = await receiver.waitForAbout(held.id, 2);
    expect(messages.map(({ type }) => type)).toEqual(["reservation.held", "reservation.confirmed"]);
    expect(messages[0]?.data).toEqual(held);
    expect(messages[1]?.data).toEqual(confirmed.body);
    for (const message of messages) {
      expect(webhookMessage.safeParse(JSON.parse(message.text)).error).toBeUndefined();
      expect(WebhookReceiver.isSigned(message, endpoint.secret)).toBe(true);
      expect(WebhookReceiver.isSigned(message, "whsec_c29tZWJvZHkgZWxzZQ==")).toBe(false);
      expect(message.headers["content-type"]).toBe("application/json");
    }
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
  });

  test("of a hold that is cancelled", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    const cancelled = await service.change(id, "cancel");
    const messages = await receiver.waitForAbout(id, 2);
    expect(messages.map(({ type }) => type)).toEqual(["reservation.held", "reservation.cancelled"]);
    expect(messages[1]?.data).toEqual(cancelled.body);
  });

  test("of a hold whose deadline passes, whoever notices it", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await makeOverdue(service.database, id);
    expect(await typesAbout(id, 2)).toEqual(["reservation.held", "reservation.expired"]);
  });

  test("of an order that is paid and then refunded, and of its reservations", async () => {
    const event = await service.createEvent({ price_cents: 1_000 });
    const { open, buy, refund } = cartCalls(service);
    const cart = await open([event.id]);
    const order = await buy(cart.id);
    await refund(order.id);
    const messages = await receiver.waitForAbout(order.id, 2);
    expect(messages.map(({ type }) => type)).toEqual(["order.paid", "order.refunded"]);
    expect(messages[0]?.data).toEqual(order);
    const reservationId = order.items[0]?.reservation_id ?? "";
    expect(await typesAbout(reservationId, 3)).toEqual([
      "reservation.held",
      "reservation.confirmed",
      "reservation.cancelled",
    ]);
    // The money moves a moment later, which is no message of its own.
    await waitFor("the money to be back", async () => {
      const { body } = await service.send("get", `/v1/orders/${order.id}`, { as: service.keys.service });
      return (body["payment"] as { status: string }).status === "refunded";
    });
    expect((await readLog(service, endpoint.id)).filter((each) => each.subject_id === order.id)).toHaveLength(
      2,
    );
  });

  test("of an order that costs nothing", async () => {
    const event = await service.createEvent();
    const { open, buy } = cartCalls(service);
    const order = await buy((await open([event.id])).id);
    expect(await typesAbout(order.id, 1)).toEqual(["order.paid"]);
  });

  test("of an event that is sold out, once and not while tickets are only held", async () => {
    const event = await service.createEvent({ capacity: 2 });
    const [first, second] = [await service.hold(event.id, "ada"), await service.hold(event.id, "bob")];
    await service.change(first.id, "confirm");
    await service.change(second.id, "confirm");
    const [message] = await receiver.waitForAbout(event.id, 1);
    expect(message).toMatchObject({
      type: "event.sold_out",
      data: { status: "sold_out", available: 0, held: 0, sold: 2 },
    });
    expect(message?.data).toEqual(await service.readEvent(event.id));
    await receiver.waitForAbout(second.id, 2);
    const about = (await readLog(service, endpoint.id)).filter((each) => each.subject_id === event.id);
    expect(about).toHaveLength(1);
  });

  test("of every hold, when many are made at once", async () => {
    const event = await service.createEvent({ capacity: 300 });
    const holds = await Promise.all(
      Array.from({ length: 300 }, (_, index) => service.hold(event.id, `user ${index}`)),
    );
    await waitFor("all of them to be told", () => {
      const told = new Set(receiver.taken.map(({ data }) => data["id"]));
      return holds.every(({ id }) => told.has(id));
    });
    const ids = receiver.taken.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("an endpoint is told only what it asked for", async () => {
  const other = await WebhookReceiver.start();
  try {
    await createEndpoint(service, other.url, ["reservation.confirmed"]);
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "confirm");
    await receiver.waitForAbout(id, 2);
    const messages = await other.waitForAbout(id, 1);
    expect(messages.map(({ type }) => type)).toEqual(["reservation.confirmed"]);
    const first = receiver.taken.find(({ data, type }) => data["id"] === id && type === messages[0]?.type);
    expect(messages[0]).toMatchObject({ id: first?.id, text: first?.text });
    expect(other.received).toHaveLength(1);
  } finally {
    await other.close();
  }
});
