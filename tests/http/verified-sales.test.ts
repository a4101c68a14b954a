import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { insertCustomer, moveTo, nextPhone } from "../support/insert-customer.ts";
import { makeCartOverdue } from "../desk/open-cart-desk.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  carts = cartCalls(service);
});
afterAll(() => service.close());

const verified = { requires_verified_phone: true };
const notVerified = { status: 409, body: { code: "phone_not_verified" } };

const readPhone = async (reservationId: string) => {
  const rows = await service.database.query("select verified_phone from reservations where id = $1", [
    reservationId,
  ]);
  return rows[0]?.["verified_phone"];
};

describe("a sale to verified customers", () => {
  test("refuses whoever is not verified, as a guest, by the shop, and in a cart", async () => {
    const event = await service.createEvent(verified);
    const guest = `guest_${randomUUID()}`;
    const token = await service.makeBuyerToken(guest);
    for (const act of [
      () => service.askForHold(event.id, guest),
      () => service.askForHold(event.id, guest, { idempotencyKey: randomUUID() }),
      () => service.askForHold(event.id, guest, { as: token }),
      () => carts.put(randomUUID(), event.id, { userId: guest }),
    ])
      expect(await act()).toMatchObject(notVerified);
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
    await expectNoEffect(service.database, () => carts.put(randomUUID(), event.id, { userId: guest }));
  });

  test("serves the customer, whose token it is or whom the shop names", async () => {
    const event = await service.createEvent(verified);
    const [ada, bob] = [await insertCustomer(service.database), await insertCustomer(service.database)];
    const token = await service.makeBuyerToken(ada);
    const byToken = await service.askForHold(event.id, ada, { as: token });
    expect(byToken).toMatchObject({ status: 201, body: { user_id: ada, status: "held" } });
    await service.hold(event.id, bob);
    // The number is the service's own affair.
    expect(byToken.text).not.toContain("+49");
  });

  test("gives a second account of the same phone nothing while the first has tickets", async () => {
    const event = await service.createEvent(verified);
    const phone = nextPhone();
    const ada = await insertCustomer(service.database, { phone });
    const { id } = await service.hold(event.id, ada);
    const bob = await moveTo(service.database, ada, phone);
    expect(await service.askForHold(event.id, bob)).toMatchObject({
      status: 409,
      body: { code: "duplicate_reservation", reservation_id: id },
    });
    expect(await carts.put(randomUUID(), event.id, { userId: bob })).toMatchObject({
      status: 409,
      body: { code: "duplicate_reservation", reservation_id: id },
    });
    await service.change(id, "cancel");
    await service.hold(event.id, bob);
  });

  test("leaves other events to everyone", async () => {
    const [event, free] = [await service.createEvent(verified), await service.createEvent()];
    const ada = await insertCustomer(service.database);
    for (const user of ["ada", ada]) await service.hold(free.id, user);
    expect(await service.hold(event.id, ada)).toMatchObject({ status: "held" });
  });
});

describe("a cart of a verified customer", () => {
  test("keeps the phone with its items, changed or not, and gives it back with them", async () => {
    const phone = nextPhone();
    const ada = await insertCustomer(service.database, { phone });
    const event = await service.createEvent({ ...verified, max_quantity: 4 });
    const other = await service.createEvent();
    const cart = await carts.open([event.id, other.id], { userId: ada });
    const reservationIds = cart.items.map((item) => String(item.reservation_id));
    expect(await Promise.all(reservationIds.map(readPhone))).toEqual([phone, null]);

    // Not even the loss of the account takes away what it has.
    const bob = await moveTo(service.database, ada, phone);
    const changed = await carts.put(cart.id, event.id, { userId: ada, quantity: 3 });
    expect(changed).toMatchObject({ status: 200, body: { items: [{ quantity: 3 }, {}] } });
    const [item] = changed.body["items"] as { reservation_id: string }[];
    expect(await readPhone(item?.reservation_id ?? "")).toBe(phone);
    expect(await service.askForHold(event.id, bob)).toMatchObject({
      body: { code: "duplicate_reservation", reservation_id: item?.reservation_id },
    });
    await carts.remove(cart.id, event.id);
    await service.hold(event.id, bob);
  });

  test("buys once for a phone, late payments included", async () => {
    const phone = nextPhone();
    const ada = await insertCustomer(service.database, { phone });
    const event = await service.createEvent({ ...verified, price_cents: 4500 });
    const cart = await carts.open([event.id], { userId: ada });
    const paying = carts.checkOut(cart.id, { token: "tok_slow" });
    await waitFor("the payment to be under way", async () => {
      const { body } = await carts.find(cart.id);
      return body["status"] === "paying";
    });
    // The hold ends before the money comes, so the tickets are taken once more.
    await service.database.query("update orders set hold_until = clock_timestamp() where cart_id = $1", [
      cart.id,
    ]);
    await makeCartOverdue(service.database, cart.id);
    const order = await paying;
    expect(order).toMatchObject({ status: 201, body: { status: "paid" } });
    const [item] = order.body["items"] as { reservation_id: string }[];
    expect(item?.reservation_id).not.toBe(cart.items[0]?.reservation_id);
    expect(await readPhone(item?.reservation_id ?? "")).toBe(phone);
    const bob = await moveTo(service.database, ada, phone);
    expect(await service.askForHold(event.id, bob)).toMatchObject({
      status: 409,
      body: { code: "duplicate_reservation" },
    });
  }, 30_000);

  test("gives the money back when the phone has tickets again before it came", async () => {
    const phone = nextPhone();
    const ada = await insertCustomer(service.database, { phone });
    const event = await service.createEvent({ ...verified, price_cents: 4500 });
    const cart = await carts.open([event.id], { userId: ada });
    const paying = carts.checkOut(cart.id, { token: "tok_slow" });
    await waitFor("the payment to be under way", async () => {
      const { body } = await carts.find(cart.id);
      return body["status"] === "paying";
    });
    await service.database.query("update orders set hold_until = clock_timestamp() where cart_id = $1", [
      cart.id,
    ]);
    await makeCartOverdue(service.database, cart.id);
    const bob = await moveTo(service.database, ada, phone);
    await service.hold(event.id, bob);
    expect(await paying).toMatchObject({ status: 201, body: { status: "refunded" } });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 9, held: 1, sold: 0 });
  }, 30_000);
});
