import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CartReply } from "../../api/contract/carts.ts";
import type { EventReply } from "../../api/contract/events.ts";
import type { OrderReply } from "../../api/contract/orders.ts";
import type { Answer } from "../support/answer.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import type { Method, Sent } from "../support/http-client.ts";
import { makeCartOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { waitForQuiet } from "../support/wait-for-quiet.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;
let event: EventReply;
let bob: string;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  carts = cartCalls(service);
  event = await service.createEvent({ capacity: 1000, price_cents: 4500, max_quantity: 4 });
  bob = await service.makeBuyerToken("bob");
});
afterEach(() => waitForQuiet(service.database));
afterAll(() => service.close());

/** A user of their own for each test, since each has one active reservation for an event. */
const newUser = () => `user ${randomUUID()}`;
const newCart = async (): Promise<CartReply> => carts.open([event.id], { userId: newUser() });

/** Does what must be refused, and fails when that changed anything. @returns the answer in the terms of the tests */
async function refuse(act: () => Promise<Answer>) {
  const { status, body } = await expectNoEffect(service.database, act);
  return { status, ...body };
}

describe("another's cart", () => {
  test("is answered exactly as if it were missing, and stays as it is", async () => {
    const cart = await newCart();
    const headers = { "x-request-id": "same" };
    const calls: [Method, (id: string) => string, Sent][] = [
      ["get", (id) => `/v1/carts/${id}`, {}],
      ["delete", (id) => `/v1/carts/${id}/items/${event.id}`, {}],
      ["post", (id) => `/v1/carts/${id}/extend`, {}],
      [
        "post",
        (id) => `/v1/carts/${id}/checkout`,
        { body: { email: "bob@example.org", payment: { provider: "demo", token: "tok_ok" } } },
      ],
    ];
    for (const [method, path, sent] of calls) {
      const [another, missing] = await expectNoEffect(service.database, () =>
        Promise.all(
          [cart.id, randomUUID()].map((id) => service.send(method, path(id), { as: bob, headers, ...sent })),
        ),
      );
      expect(another).toMatchObject({ status: 404, body: { code: "cart_not_found" } });
      expect(another?.text).toBe(missing?.text);
    }
  });

  test("takes no items, neither from a buyer nor from the shop for another user", async () => {
    const cart = await newCart();
    const other = await service.createEvent({ max_quantity: 4 });
    const put = (sent: object) => () => carts.put(cart.id, other.id, { userId: "bob", ...sent });
    expect(await refuse(put({ as: bob }))).toMatchObject({ status: 404, code: "cart_not_found" });
    expect(await refuse(put({}))).toMatchObject({ status: 404, code: "cart_not_found" });
  });

  test("cannot be filled in another's name", async () => {
    const put = () => carts.put(randomUUID(), event.id, { as: bob, userId: "ada" });
    expect(await refuse(put)).toMatchObject({ status: 403, code: "forbidden" });
  });
});

describe("a cart that does not exist", () => {
  test.each([randomUUID(), "x", "00000000-0000-0000-0000-000000000000"])("is 404: %s", async (id) => {
    for (const act of [
      () => carts.find(id),
      () => carts.extend(id),
      () => carts.remove(id, event.id),
      () => carts.checkOut(id),
      () => carts.checkOut(id, { idempotencyKey: "k" }),
    ])
      expect(await refuse(act)).toMatchObject({ status: 404, code: "cart_not_found" });
  });
});

describe("an event that does not exist", () => {
  test.each([randomUUID(), "x"])("makes no cart: %s", async (eventId) => {
    const cartId = randomUUID();
    expect(await refuse(() => carts.put(cartId, eventId))).toMatchObject({
      status: 404,
      code: "event_not_found",
    });
    expect(await carts.find(cartId)).toMatchObject({ status: 404 });
  });
});

describe("an item that cannot be put in a cart", () => {
  const withEvent = async (terms: object) => (await service.createEvent({ max_quantity: 4, ...terms })).id;

  test.each([
    ["has ended its sales", { sales_end_at: "2020-01-01T00:00:00Z" }, "sales_ended"],
    ["has not begun to sell", { sales_start_at: "2999-01-01T00:00:00Z" }, "sales_not_started"],
    ["needs a verified phone", { requires_verified_phone: true }, "phone_not_verified"],
    ["is sold out", { capacity: 0 }, "sold_out"],
    ["has fewer left", { capacity: 1 }, "not_enough_left"],
  ])("because its event %s", async (_why, terms, code) => {
    const eventId = await withEvent(terms);
    const put = () => carts.put(randomUUID(), eventId, { userId: newUser(), quantity: 2 });
    expect(await refuse(put)).toMatchObject({ status: 409, code });
  });

  test("because its event is paused, with the reason", async () => {
    const eventId = await withEvent({});
    const body = { reason: "Rain" };
    await service.send("post", `/v1/events/${eventId}/pause`, { as: service.keys.admin, body });
    const put = () => carts.put(randomUUID(), eventId, { userId: newUser() });
    expect(await refuse(put)).toMatchObject({
      status: 409,
      code: "sales_paused",
      detail: "Sales are paused: Rain",
    });
  });

  test("because the event sells fewer at once", async () => {
    const put = () => carts.put(randomUUID(), event.id, { userId: newUser(), quantity: 5 });
    expect(await refuse(put)).toMatchObject({
      status: 422,
      code: "validation_failed",
      errors: [{ pointer: "/quantity", detail: "must be at most 4 for this event" }],
    });
  });

  test("because the user has the event already, in another cart or without one", async () => {
    const cart = await newCart();
    const { items, user_id: userId } = cart;
    expect(await refuse(() => carts.put(randomUUID(), event.id, { userId }))).toMatchObject({
      status: 409,
      code: "duplicate_reservation",
      reservation_id: items[0]?.reservation_id,
    });
  });

  test("because it has another currency than what the cart holds", async () => {
    const euros = await service.createEvent({ price_cents: 4500, currency: "EUR" });
    const cart = await newCart();
    const put = () => carts.put(cart.id, euros.id, { userId: cart.user_id });
    expect(await refuse(put)).toMatchObject({ status: 409, code: "currency_mismatch", currency: "USD" });
  });

  test("because the cart has twenty already", async () => {
    const userId = newUser();
    const ids = await Promise.all(Array.from({ length: 21 }, async () => (await service.createEvent()).id));
    const cart = await carts.open(ids.slice(0, 20), { userId });
    expect(await refuse(() => carts.put(cart.id, ids[20] ?? "", { userId }))).toMatchObject({
      status: 409,
      code: "cart_full",
    });
  });
});

describe("a cart that cannot be checked out", () => {
  test("because it is empty", async () => {
    const cart = await newCart();
    await carts.remove(cart.id, event.id);
    expect(await refuse(() => carts.checkOut(cart.id))).toMatchObject({ status: 409, code: "cart_empty" });
    expect(await refuse(() => carts.extend(cart.id))).toMatchObject({ status: 409, code: "cart_empty" });
  });

  test("because it has expired: nothing is charged, and the list is kept", async () => {
    const cart = await newCart();
    await makeCartOverdue(service.database, cart.id);
    const reservation = `/v1/reservations/${cart.items[0]?.reservation_id}`;
    await waitFor("the hold to be swept", async () => {
      const { body } = await service.send("get", reservation, { as: service.keys.service });
      return body["status"] === "expired";
    });
    const detail = expect.stringMatching(/^The cart expired at .*Z\. Nothing was charged\.$/);
    for (const act of [() => carts.checkOut(cart.id), () => carts.extend(cart.id)])
      expect(await refuse(act)).toMatchObject({ status: 410, code: "cart_expired", detail });
    expect(await carts.find(cart.id)).toMatchObject({
      body: { status: "expired", items: [{ event_id: event.id }] },
    });
    const orders = await service.database.query("select id from orders where cart_id = $1", [cart.id]);
    expect(orders).toEqual([]);
  });

  test("because it was bought: neither items nor deadline nor order move", async () => {
    const cart = await newCart();
    const { id: order_id } = await carts.buy(cart.id);
    for (const act of [
      () => carts.checkOut(cart.id),
      () => carts.extend(cart.id),
      () => carts.put(cart.id, event.id, { userId: cart.user_id, quantity: 2 }),
      () => carts.remove(cart.id, event.id),
    ])
      expect(await refuse(act)).toMatchObject({ status: 409, code: "cart_ordered", order_id });
  });

  test("because its payment is under way: neither items nor deadline nor order move", async () => {
    const cart = await newCart();
    const paying = carts.checkOut(cart.id, { token: "tok_slow", idempotencyKey: "slow" });
    const order_id = await waitFor("the provider to be asked", async () => {
      const found = await carts.find(cart.id);
      const asked = await service.database.query("select 1 from demo_payments where key = $1", [
        found.body["order_id"],
      ]);
      return asked.length === 1 && found.body["status"] === "paying" && String(found.body["order_id"]);
    });
    for (const act of [
      () => carts.checkOut(cart.id),
      () => carts.extend(cart.id),
      () => carts.put(cart.id, event.id, { userId: cart.user_id, quantity: 2 }),
      () => carts.remove(cart.id, event.id),
    ])
      expect(await refuse(act)).toMatchObject({ status: 409, code: "checkout_in_progress", order_id });
    expect(await refuse(() => carts.refund(order_id))).toMatchObject({
      status: 409,
      code: "order_not_paid",
      order_status: "pending",
    });
    const again = () => carts.checkOut(cart.id, { token: "tok_slow", idempotencyKey: "slow" });
    expect(await refuse(again)).toMatchObject({ status: 409, code: "idempotency_in_progress" });
    const first = await paying;
    expect(first).toMatchObject({ status: 201, body: { id: order_id, status: "paid" } });
    expect(await again()).toMatchObject({ status: 201, text: first.text });
  }, 30_000);

  test("because the shop does not take payments that way", async () => {
    const cart = await newCart();
    const body = { email: "ada@example.org", payment: { provider: "stripe", token: "pm_card" } };
    expect(await refuse(() => carts.checkOut(cart.id, { body }))).toMatchObject({
      status: 409,
      code: "provider_not_available",
    });
  });

  test("but not when there is nothing to pay", async () => {
    const free = await service.createEvent({ name: "Free", price_cents: 0 });
    const cart = await carts.open([free.id], { userId: newUser() });
    const body = { email: "ada@example.org", payment: { provider: "stripe", token: "pm_card" } };
    expect(await carts.checkOut(cart.id, { body })).toMatchObject({
      status: 201,
      body: { status: "paid", payment: { status: "none" } },
    });
  });
});

describe("another's order", () => {
  test("is answered to a buyer exactly as if it were missing", async () => {
    const { id: cartId } = await newCart();
    const { id } = await carts.buy(cartId);
    const headers = { "x-request-id": "same" };
    const [another, missing] = await Promise.all(
      [id, randomUUID()].map((each) => carts.findOrder(each, { as: bob, headers })),
    );
    expect(another).toMatchObject({ status: 404, body: { code: "order_not_found" } });
    expect(another?.text).toBe(missing?.text);
  });

  test("cannot be refunded by a buyer, nor by anyone if there is none", async () => {
    const { id: cartId } = await newCart();
    const order: OrderReply = await carts.buy(cartId);
    expect(await refuse(() => carts.refund(order.id, { as: bob }))).toMatchObject({
      status: 403,
      code: "forbidden",
    });
    for (const id of [randomUUID(), "x"])
      expect(await refuse(() => carts.refund(id))).toMatchObject({ status: 404, code: "order_not_found" });
  });
});

describe("a value that cannot be", () => {
  const oneComplaint = (pointer: string) => ({ code: "validation_failed", errors: [{ pointer }] });

  test.each([
    ['{"user_id":"ada","quantity":0}', "/quantity"],
    ['{"user_id":"ada","quantity":-1}', "/quantity"],
    ['{"user_id":"ada","quantity":1.5}', "/quantity"],
    ['{"user_id":"ada","quantity":"1"}', "/quantity"],
    ['{"user_id":"ada","quantity":21}', "/quantity"],
    ['{"user_id":"ada","quantity":2147483648}', "/quantity"],
    ['{"quantity":1}', "/user_id"],
    ['{"user_id":"a\\u0000"}', "/user_id"],
    ['{"user_id":"ada","price_cents":1}', "/price_cents"],
    ['{"user_id":"ada","status":"sold"}', "/status"],
    ['{"user_id":"ada","expires_at":"2040-01-01T00:00:00Z"}', "/expires_at"],
    ['{"user_id":"ada","__proto__":{}}', "/__proto__"],
    ["[]", ""],
  ])("in an item is refused: %s", async (body, pointer) => {
    const put = () => carts.put(randomUUID(), event.id, { body });
    expect(await refuse(put)).toMatchObject({ status: 422, ...oneComplaint(pointer) });
  });

  const paidWith = (payment: string, email = '"ada@example.org"') =>
    `{"email":${email},"payment":${payment}}`;
  const byDemo = '{"provider":"demo","token":"tok_ok"}';
  test.each([
    ["{}", "/email"],
    [paidWith(byDemo, '"ada"'), "/email"],
    [paidWith(byDemo, '"ada@example"'), "/email"],
    [paidWith(byDemo, '"ada @example.org"'), "/email"],
    [paidWith(byDemo, '"ada@example.org, bob@example.org"'), "/email"],
    [paidWith(byDemo, '"ada@example.org\\r\\nBcc: bob@example.org"'), "/email"],
    [paidWith(byDemo, `"${"a".repeat(250)}@example.org"`), "/email"],
    [paidWith(byDemo, "null"), "/email"],
    ['{"email":"ada@example.org"}', "/payment"],
    [paidWith('{"provider":"paypal","token":"tok_ok"}'), "/payment/provider"],
    [paidWith('{"provider":"demo"}'), "/payment/token"],
    [paidWith('{"provider":"demo","token":""}'), "/payment/token"],
    [paidWith('{"provider":"demo","token":"tok ok"}'), "/payment/token"],
    [paidWith('{"provider":"demo","token":"../charges"}'), "/payment/token"],
    [paidWith(`{"provider":"demo","token":"${"t".repeat(256)}"}`), "/payment/token"],
    [paidWith('{"provider":"demo","token":"tok_ok","amount_cents":-1}'), "/payment/amount_cents"],
    [paidWith('{"provider":"demo","token":"tok_ok","amount_cents":0.5}'), "/payment/amount_cents"],
    [`{"total_cents":1,"email":"ada@example.org","payment":${byDemo}}`, "/total_cents"],
    [`{"status":"paid","email":"ada@example.org","payment":${byDemo}}`, "/status"],
  ])("in a checkout is refused, and nothing is charged: %s", async (body, pointer) => {
    const cart = await newCart();
    const answer = await expectNoEffect(service.database, () =>
      carts.checkOut(cart.id, { body, idempotencyKey: randomUUID() }),
    );
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    const errors = answer.body["errors"] as { pointer: string }[];
    expect(errors.map((error) => error.pointer)).toContain(pointer);
  });

  test.each(['{"reason":"late"}', '{"amount_cents":1}'])("in a refund is refused: %s", async (body) => {
    const cart = await newCart();
    const order = await carts.buy(cart.id);
    const refused = await expectNoEffect(service.database, () => carts.refund(order.id, { body }));
    expect(refused).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  });

  test.each(["?status=sold", "?user_id=", "?email=ada", "?limit=0", "?status=paid&status=paid"])(
    "in a list of orders is refused: %s",
    async (query) => {
      const answer = await service.send("get", `/v1/orders${query}`, { as: service.keys.service });
      expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    },
  );
});
