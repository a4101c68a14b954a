import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { makeCartOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitForQuiet } from "../support/wait-for-quiet.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;

beforeAll(async () => {
  service = await openTestService();
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

describe("the first item of a cart", () => {
  test("makes the cart, holds the tickets and sets the deadline", async () => {
    const event = await createEvent({ hold_seconds: 90 });
    const cartId = randomUUID();
    const answer = await carts.put(cartId, event.id, { quantity: 2 });
    const { items, ...cart } = answer.body as { items: { reservation_id: string }[] };
    expect({ status: answer.status, ...cart }).toMatchObject({
      status: "open",
      id: cartId,
      user_id: "ada",
      total_cents: 9000,
      currency: "USD",
      extensions_left: 1,
      order_id: null,
    });
    expect(items).toEqual([
      {
        event_id: event.id,
        name: "Concert",
        quantity: 2,
        price_cents: 4500,
        currency: "USD",
        status: "held",
        reservation_id: expect.any(String),
      },
    ]);
    const reservation = await service.send("get", `/v1/reservations/${items[0]?.reservation_id}`, {
      as: service.keys.service,
    });
    expect(reservation.body).toMatchObject({ status: "held", quantity: 2, cart_id: cartId, user_id: "ada" });
    expect(reservation.body["expires_at"]).toBe(answer.body["expires_at"]);
    const heldMs =
      Date.parse(String(reservation.body["expires_at"])) - Date.parse(String(reservation.body["created_at"]));
    expect(heldMs).toBe(90_000);
    expect(await readStock(event)).toEqual({ available: 8, held: 2, sold: 0 });
  });

  test("that comes twice at once, for two events, makes one cart with one deadline", async () => {
    const other = await openTestService({ database: service.database });
    try {
      for (let round = 0; round < 10; round += 1) {
        const [one, two] = [
          await createEvent({ hold_seconds: 60 }),
          await createEvent({ hold_seconds: 600 }),
        ];
        const cartId = randomUUID();
        const answers = await Promise.all([carts.put(cartId, one.id), cartCalls(other).put(cartId, two.id)]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        const found = await carts.find(cartId);
        expect(found.body).toMatchObject({ status: "open", items: [{ status: "held" }, { status: "held" }] });
        for (const answer of answers) expect(answer.body["expires_at"]).toBe(found.body["expires_at"]);
      }
    } finally {
      await other.close();
    }
  });

  test("that is refused leaves no cart behind", async () => {
    const event = await createEvent({ capacity: 0 });
    const cartId = randomUUID();
    const refused = await expectNoEffect(service.database, () => carts.put(cartId, event.id));
    expect(refused).toMatchObject({ status: 409, body: { code: "sold_out" } });
    expect(await carts.find(cartId)).toMatchObject({ status: 404, body: { code: "cart_not_found" } });
  });
});

describe("a later item", () => {
  test("shares the deadline and does not move it", async () => {
    const [long, short] = [await createEvent({ hold_seconds: 600 }), await createEvent({ hold_seconds: 30 })];
    const first = await carts.open([long.id]);
    const second = await carts.put(first.id, short.id);
    expect(second.body["expires_at"]).toBe(first.expires_at);
    expect(second.body).toMatchObject({
      total_cents: 9000,
      items: [{ event_id: long.id }, { event_id: short.id }],
    });
  });

  test("may replace what the cart has of that event, all or nothing", async () => {
    const event = await createEvent({ capacity: 4 });
    const cart = await carts.open([event.id], { quantity: 3 });
    expect(await carts.put(cart.id, event.id, { quantity: 4 })).toMatchObject({
      status: 200,
      body: { expires_at: cart.expires_at, total_cents: 18_000, items: [{ quantity: 4, status: "held" }] },
    });
    expect(await readStock(event)).toEqual({ available: 0, held: 4, sold: 0 });
    await carts.put(cart.id, event.id, { quantity: 1 });
    await service.hold(event.id, "bob", 2);
    const refused = await expectNoEffect(service.database, () =>
      carts.put(cart.id, event.id, { quantity: 3 }),
    );
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "not_enough_left", available: expect.any(Number) },
    });
    expect(await carts.find(cart.id)).toMatchObject({ body: { items: [{ quantity: 1, status: "held" }] } });
  });

  test("that is already there as asked changes nothing, and keeps the price of its moment", async () => {
    const event = await createEvent();
    const cart = await carts.open([event.id], { quantity: 2 });
    await service.send("patch", `/v1/events/${event.id}`, {
      as: service.keys.admin,
      body: { price_cents: 9900 },
    });
    const again = await expectNoEffect(service.database, () => carts.put(cart.id, event.id, { quantity: 2 }));
    expect(again).toMatchObject({ status: 200, body: cart });
  });
});

describe("removing an item", () => {
  test("returns its tickets and leaves the others under their deadline", async () => {
    const [one, two] = [await createEvent(), await createEvent()];
    const cart = await carts.open([one.id, two.id]);
    expect(await carts.remove(cart.id, one.id)).toMatchObject({
      status: 200,
      body: { expires_at: cart.expires_at, items: [{ event_id: two.id }], total_cents: 4500 },
    });
    expect(await readStock(one)).toEqual({ available: 10, held: 0, sold: 0 });
    const ended = await service.send("get", `/v1/reservations/${cart.items[0]?.reservation_id}`, {
      as: service.keys.service,
    });
    expect(ended.body).toMatchObject({ status: "cancelled", cause: "cancelled_by_service" });
  });

  test("of what is not there changes nothing, whether that event exists or not", async () => {
    const [one, two] = [await createEvent(), await createEvent()];
    const cart = await carts.open([one.id]);
    for (const eventId of [two.id, randomUUID()]) {
      const answer = await expectNoEffect(service.database, () => carts.remove(cart.id, eventId));
      expect(answer).toMatchObject({ status: 200, body: cart });
    }
  });

  test("of the last one leaves an empty cart without a deadline, which can be filled again", async () => {
    const [first, second] = [await createEvent(), await createEvent({ currency: "EUR" })];
    const { id } = await carts.open([first.id]);
    expect(await carts.remove(id, first.id)).toMatchObject({
      status: 200,
      body: {
        status: "open",
        expires_at: null,
        items: [],
        total_cents: 0,
        currency: null,
        extensions_left: 0,
      },
    });
    expect(await carts.put(id, second.id)).toMatchObject({
      status: 200,
      body: { currency: "EUR", expires_at: expect.any(String) },
    });
  });
});

describe("extending a cart", () => {
  test("moves the deadline of all its holds by the shortest period, as often as every event allows", async () => {
    const [short, long] = [
      await createEvent({ hold_seconds: 60, max_extensions: 2 }),
      await createEvent({ hold_seconds: 600, max_extensions: 1 }),
    ];
    const cart = await carts.open([short.id, long.id]);
    const extended = await carts.extend(cart.id);
    expect(extended).toMatchObject({ status: 200, body: { extensions_left: 0 } });
    const laterMs = Date.parse(String(extended.body["expires_at"])) - Date.parse(String(cart.expires_at));
    expect(laterMs).toBe(60_000);
    for (const { reservation_id } of cart.items) {
      const { body } = await service.send("get", `/v1/reservations/${reservation_id}`, {
        as: service.keys.service,
      });
      expect(body).toMatchObject({ expires_at: extended.body["expires_at"], status: "held" });
    }
    const refused = await expectNoEffect(service.database, () => carts.extend(cart.id));
    expect(refused).toMatchObject({ status: 409, body: { code: "extension_limit" } });
  });

  test("happens once under its key, and the reply is the same to the byte", async () => {
    const event = await createEvent({ max_extensions: 5 });
    const cart = await carts.open([event.id]);
    const first = await carts.extend(cart.id, { idempotencyKey: "e" });
    const again = await expectNoEffect(service.database, () =>
      carts.extend(cart.id, { idempotencyKey: "e" }),
    );
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(again.headers["idempotent-replayed"]).toBe("true");
  });
});

describe("a cart whose deadline has passed", () => {
  test("says so and keeps its list, and its tickets are free", async () => {
    const [one, two] = [await createEvent(), await createEvent()];
    const { id, items } = await carts.open([one.id, two.id]);
    await makeCartOverdue(service.database, id);
    expect(await carts.find(id)).toMatchObject({
      status: 200,
      body: {
        status: "expired",
        total_cents: 0,
        extensions_left: 0,
        items: items.map((item) => ({ ...item, status: "expired" })),
      },
    });
    await service.hold(one.id, "bob", 4);
    await service.hold(one.id, "cyd", 4);
    // With a key, since memory was not told that the deadline was moved.
    const last = await service.askForHold(one.id, "dan", { quantity: 2, idempotencyKey: "last" });
    expect(last).toMatchObject({ status: 201 });
  });

  test("is tried again item by item: the first sets a new deadline, and what is gone is told", async () => {
    const [left, gone] = [await createEvent(), await createEvent({ capacity: 1 })];
    const cart = await carts.open([left.id, gone.id]);
    await makeCartOverdue(service.database, cart.id);
    const taken = await service.askForHold(gone.id, "bob", { idempotencyKey: "taken" });
    expect(taken).toMatchObject({ status: 201 });
    const revived = await carts.put(cart.id, left.id);
    expect(revived).toMatchObject({
      status: 200,
      body: { status: "open", total_cents: 4500, items: [{ status: "held" }, { status: "expired" }] },
    });
    expect(Date.parse(String(revived.body["expires_at"]))).toBeGreaterThan(
      Date.parse(String(cart.expires_at)),
    );
    expect(await carts.put(cart.id, gone.id)).toMatchObject({ status: 409, body: { code: "all_held" } });
  });

  test("takes another currency when it begins anew", async () => {
    const [dollars, euros] = [await createEvent(), await createEvent({ currency: "EUR" })];
    const { id } = await carts.open([dollars.id]);
    await makeCartOverdue(service.database, id);
    expect(await carts.put(id, euros.id)).toMatchObject({ status: 200, body: { currency: "EUR" } });
  });
});

describe("a buyer", () => {
  test("fills, reads, extends and empties a cart of their own", async () => {
    const event = await createEvent();
    const as = await service.makeBuyerToken("eve");
    const cart = await carts.open([event.id], { as, userId: "eve" });
    expect(await carts.find(cart.id, { as })).toMatchObject({ status: 200, body: cart });
    expect(await carts.extend(cart.id, { as })).toMatchObject({ status: 200 });
    expect(await carts.remove(cart.id, event.id, { as })).toMatchObject({ status: 200, body: { items: [] } });
    const { body } = await service.send("get", `/v1/reservations/${cart.items[0]?.reservation_id}`, { as });
    expect(body).toMatchObject({ cause: "cancelled_by_buyer" });
  });
});

describe("a reservation in a cart", () => {
  test("is confirmed, extended and cancelled through its cart only", async () => {
    const event = await createEvent();
    const cart = await carts.open([event.id]);
    for (const change of ["confirm", "extend", "cancel"] as const) {
      const refused = await expectNoEffect(service.database, () =>
        service.change(cart.items[0]?.reservation_id ?? "", change),
      );
      expect(refused).toMatchObject({
        status: 409,
        body: { code: "reservation_in_cart", cart_id: cart.id },
      });
    }
  });
});
