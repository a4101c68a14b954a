import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import type { OrderReply } from "../../api/contract/orders.ts";
import type { Answer } from "../support/answer.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { makeCartOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { waitForQuiet } from "../support/wait-for-quiet.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  carts = cartCalls(service);
});
afterEach(() => waitForQuiet(service.database));
afterAll(() => service.close());

const createEvent = (terms: object = {}) =>
  service.createEvent({ price_cents: 4500, max_quantity: 4, ...terms });
const readStock = async ({ id }: EventReply) => {
  const { available, held, sold } = await service.readEvent(id);
  return { available, held, sold };
};

function expectReplay(replay: Answer, first: Answer): void {
  expect(replay).toMatchObject({ status: first.status, text: first.text });
  expect(replay.headers["idempotent-replayed"]).toBe("true");
  expect(first.headers["idempotent-replayed"]).toBeUndefined();
}

describe("checking out", () => {
  test("sells everything in the cart and says what was paid", async () => {
    const [one, two] = [await createEvent({ name: "Opera" }), await createEvent({ price_cents: 2800 })];
    const { id: cartId } = await carts.open([one.id]);
    const { body: filled } = await carts.put(cartId, two.id, { quantity: 3 });
    const answer = await carts.checkOut(cartId);
    const items = filled["items"] as { reservation_id: string }[];
    expect(answer).toMatchObject({
      status: 201,
      body: {
        cart_id: cartId,
        user_id: "ada",
        email: "ada@example.org",
        status: "paid",
        total_cents: 12_900,
        currency: "USD",
        items: [
          {
            event_id: one.id,
            name: "Opera",
            quantity: 1,
            price_cents: 4500,
            reservation_id: items[0]?.reservation_id,
          },
          { event_id: two.id, quantity: 3, price_cents: 2800, reservation_id: items[1]?.reservation_id },
        ],
        payment: { provider: "demo", status: "succeeded", decline_reason: null },
        paid_at: expect.any(String),
        refunded_at: null,
      },
    });
    expect(await readStock(one)).toEqual({ available: 9, held: 0, sold: 1 });
    expect(await readStock(two)).toEqual({ available: 7, held: 0, sold: 3 });
    expect(await carts.find(cartId)).toMatchObject({
      body: {
        status: "ordered",
        order_id: answer.body["id"],
        total_cents: 12_900,
        items: [{ status: "sold" }, { status: "sold" }],
      },
    });
    expect(await carts.findOrder(String(answer.body["id"]))).toMatchObject({
      status: 200,
      body: answer.body,
    });
  });

  test("charges what the cart said, even after the price of the event has changed", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    await service.send("patch", `/v1/events/${event.id}`, {
      as: service.keys.admin,
      body: { price_cents: 9900 },
    });
    expect(await carts.buy(id)).toMatchObject({ status: "paid", total_cents: 4500 });
    const [charged] = await service.database.query(
      "select amount_cents::int, currency from demo_payments order by created_at desc limit 1",
    );
    expect(charged).toEqual({ amount_cents: 4500, currency: "USD" });
  });

  test("leaves out what has expired beside what is held", async () => {
    const [gone, held] = [await createEvent(), await createEvent()];
    const cart = await carts.open([gone.id]);
    await makeCartOverdue(service.database, cart.id);
    await carts.put(cart.id, held.id);
    const order = await carts.buy(cart.id);
    expect(order).toMatchObject({ status: "paid", total_cents: 4500, items: [{ event_id: held.id }] });
    expect(order.items).toHaveLength(1);
  });

  test("of what costs nothing needs no payment", async () => {
    const event = await createEvent({ price_cents: 0 });
    const { id } = await carts.open([event.id]);
    expect(await carts.buy(id, { token: "tok_declined" })).toMatchObject({
      status: "paid",
      total_cents: 0,
      payment: { status: "none" },
    });
    expect(await readStock(event)).toEqual({ available: 9, held: 0, sold: 1 });
  });

  test("with a card that is declined charges nothing, and the cart can be checked out again", async () => {
    const event = await createEvent();
    const cart = await carts.open([event.id]);
    const declined = await carts.buy(cart.id, { token: "tok_declined" });
    expect(declined).toMatchObject({
      status: "declined",
      payment: { status: "declined", decline_reason: expect.any(String) },
      paid_at: null,
    });
    expect(await carts.find(cart.id)).toMatchObject({
      body: {
        status: "open",
        expires_at: cart.expires_at,
        order_id: declined.id,
        items: [{ status: "held" }],
      },
    });
    const paid = await carts.buy(cart.id);
    expect(paid).toMatchObject({ status: "paid" });
    expect(paid.id).not.toBe(declined.id);
    expect(await readStock(event)).toEqual({ available: 9, held: 0, sold: 1 });
  });

  test("gives one definite end when the provider's first answer is lost, and charges once", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    const { id: orderId } = await carts.buy(id, { token: "tok_lost" });
    await waitFor(
      "the order to be paid",
      async () => (await carts.findOrder(orderId)).body["status"] === "paid",
    );
    const charges = await service.database.query("select status from demo_payments where key = $1", [
      orderId,
    ]);
    expect(charges).toEqual([{ status: "succeeded" }]);
    expect(await readStock(event)).toEqual({ available: 9, held: 0, sold: 1 });
  }, 30_000);
});

describe("a checkout that is repeated", () => {
  test("under its key gets the first reply to the byte and charges once", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    const first = await carts.checkOut(id, { idempotencyKey: "pay" });
    expect(first).toMatchObject({ status: 201, body: { status: "paid" } });
    const again = await expectNoEffect(service.database, () => carts.checkOut(id, { idempotencyKey: "pay" }));
    expectReplay(again, first);
    await carts.refund(String(first.body["id"]));
    expectReplay(await carts.checkOut(id, { idempotencyKey: "pay" }), first);
  });

  test("under its key gets a refusal again, even when it would succeed by now", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    await carts.remove(id, event.id);
    const refused = await carts.checkOut(id, { idempotencyKey: "early" });
    expect(refused).toMatchObject({ status: 409, body: { code: "cart_empty" } });
    await carts.put(id, event.id);
    expectReplay(await carts.checkOut(id, { idempotencyKey: "early" }), refused);
    expect(await carts.checkOut(id, { idempotencyKey: "later" })).toMatchObject({ status: 201 });
  });

  test("of what costs nothing gets the first reply to the byte", async () => {
    const event = await createEvent({ price_cents: 0 });
    const { id } = await carts.open([event.id]);
    const first = await carts.checkOut(id, { idempotencyKey: "free" });
    expect(first).toMatchObject({ status: 201, body: { status: "paid" } });
    expectReplay(await carts.checkOut(id, { idempotencyKey: "free" }), first);
  });

  test("under its key with another payload is refused and changes nothing", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    await carts.buy(id, { idempotencyKey: "mine" });
    for (const terms of [{ token: "tok_declined" }, { email: "eve@example.org" }]) {
      const refused = await expectNoEffect(service.database, () =>
        carts.checkOut(id, { ...terms, idempotencyKey: "mine" }),
      );
      expect(refused).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    }
  });

  test("under another key, or none, is told of the order there is", async () => {
    const event = await createEvent();
    const { id } = await carts.open([event.id]);
    const order = await carts.buy(id, { idempotencyKey: "first" });
    const again = await expectNoEffect(service.database, () => carts.checkOut(id));
    expect(again).toMatchObject({ status: 409, body: { code: "cart_ordered", order_id: order.id } });
    expect(await carts.checkOut(id, { idempotencyKey: "second" })).toMatchObject({
      status: 409,
      body: { code: "cart_ordered", order_id: order.id },
    });
  });
});

describe("refunding an order", () => {
  test("returns its tickets at once and its money soon, once", async () => {
    const [one, two] = [await createEvent(), await createEvent()];
    const { id } = await carts.open([one.id, two.id]);
    const order = await carts.buy(id);
    const refunded = await carts.refund(order.id);
    expect(refunded).toMatchObject({
      status: 200,
      body: { id: order.id, status: "refunded", paid_at: order.paid_at, total_cents: 9000 },
    });
    expect(["refunding", "refunded"]).toContain((refunded.body as unknown as OrderReply).payment.status);
    for (const event of [one, two])
      expect(await readStock(event)).toEqual({ available: 10, held: 0, sold: 0 });
    const money = await waitFor("the money to be back", async () => {
      const { body } = await carts.findOrder(order.id);
      return (body as unknown as OrderReply).payment.status === "refunded" && body;
    });
    expect(money).toMatchObject({ status: "refunded", refunded_at: expect.any(String) });
    const again = await expectNoEffect(service.database, () => carts.refund(order.id));
    expect(again).toMatchObject({ status: 200, body: money });
    const books = await service.database.query(
      "select refunded_cents::int from demo_payments where key = $1",
      [order.id],
    );
    expect(books).toEqual([{ refunded_cents: 9000 }]);
    expect(await carts.find(id)).toMatchObject({
      body: { status: "ordered", total_cents: 0, items: [{ status: "expired" }, { status: "expired" }] },
    });
  }, 30_000);

  test("under a key gives the first reply again to the byte", async () => {
    const { id } = await carts.open([(await createEvent()).id]);
    const order = await carts.buy(id);
    const first = await carts.refund(order.id, { idempotencyKey: "r" });
    expect(first.status).toBe(200);
    expectReplay(await carts.refund(order.id, { idempotencyKey: "r" }), first);
  });

  test("of what was free moves no money", async () => {
    const { id } = await carts.open([(await createEvent({ price_cents: 0 })).id]);
    const order = await carts.buy(id);
    expect(await carts.refund(order.id)).toMatchObject({
      status: 200,
      body: { status: "refunded", payment: { status: "none" }, refunded_at: null },
    });
  });

  test("is refused for what was not paid", async () => {
    const { id } = await carts.open([(await createEvent()).id]);
    const order = await carts.buy(id, { token: "tok_declined" });
    const refused = await expectNoEffect(service.database, () => carts.refund(order.id));
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "order_not_paid", order_status: "declined" },
    });
  });
});

describe("the list of orders", () => {
  test("is newest first, in pages, by user and by state; a buyer's has their own only", async () => {
    const event = await createEvent({ capacity: 50 });
    const ids: string[] = [];
    for (const [index, userId] of ["fay", "gus", "fay", "fay"].entries()) {
      const own = await createEvent();
      const cart = await carts.open([userId === "gus" ? event.id : own.id], { userId });
      ids.unshift((await carts.buy(cart.id, { token: index === 2 ? "tok_declined" : "tok_ok" })).id);
    }
    const [newest, declined, ofGus, oldest] = ids;
    const list = async (query: string, as = service.keys.observer) => {
      const { status, body } = await service.send("get", `/v1/orders${query}`, { as });
      const { data, has_more, total, url } = body as unknown as {
        data: OrderReply[];
        has_more: boolean;
        total: number;
        url: string;
      };
      return { status, ids: data.map((order) => order.id), has_more, total, url };
    };
    expect((await list("?limit=4")).ids).toEqual(ids);
    expect(await list("?user_id=fay&limit=2")).toEqual({
      status: 200,
      ids: [newest, declined],
      has_more: true,
      total: 3,
      url: "/v1/orders",
    });
    expect(await list(`?user_id=fay&limit=2&starting_after=${declined}`)).toMatchObject({
      ids: [oldest],
      has_more: false,
    });
    expect(await list("?user_id=fay&status=declined")).toMatchObject({ ids: [declined], total: 1 });
    const fay = await service.makeBuyerToken("fay");
    expect(await list("", fay)).toMatchObject({ ids: [newest, declined, oldest], total: 3 });
    expect(await list("?user_id=fay", fay)).toMatchObject({ total: 3 });
    expect(await list("", await service.makeBuyerToken("gus"))).toMatchObject({ ids: [ofGus], total: 1 });
    const refused = await service.send("get", "/v1/orders?user_id=gus", { as: fay });
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });
});
