import { afterAll, beforeAll, describe, test } from "vitest";
import type { OrderReply } from "../../api/contract/orders.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;
let carts: ReturnType<typeof cartCalls>;

beforeAll(async () => {
  service = await openTestService({ demo: true, paymentGraceSeconds: 1 });
  carts = cartCalls(service);
});
afterAll(() => service.close());

/** A cart with one ticket that is kept for 2 seconds, of an event that has no other. */
async function openShortCart(userId: string) {
  const event = await service.createEvent({ capacity: 1, price_cents: 4500, hold_seconds: 2 });
  return { event, cart: await carts.open([event.id], { userId }) };
}

/** The provider's own books about an order. */
const readPayments = (orderId: string) =>
  service.database.query<{ amount_cents: number; refunded_cents: number }>(
    "select amount_cents::int, refunded_cents::int from demo_payments where key = $1",
    [orderId],
  );

function waitForEnd(orderId: string): Promise<OrderReply> {
  return waitFor(
    "the order to end",
    async () => {
      const order = (await carts.findOrder(orderId)).body as unknown as OrderReply;
      return order.status !== "pending" && order.payment.status !== "refunding" && order;
    },
    40_000,
  );
}

describe.concurrent("a payment of which the provider cannot tell yet", () => {
  test("is answered with the pending order, and that answer stays under its key", async ({ expect }) => {
    const { cart } = await openShortCart("ada");
    const first = await carts.checkOut(cart.id, { token: "tok_late", idempotencyKey: "late" });
    expect(first).toMatchObject({
      status: 201,
      body: { status: "pending", payment: { status: "processing" }, paid_at: null, total_cents: 4500 },
    });
    const orderId = String(first.body["id"]);
    expect(await carts.find(cart.id)).toMatchObject({ body: { status: "paying", order_id: orderId } });
    const again = await carts.checkOut(cart.id, { token: "tok_late", idempotencyKey: "late" });
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(again.headers["idempotent-replayed"]).toBe("true");
    await waitForEnd(orderId);
    const later = await carts.checkOut(cart.id, { token: "tok_late", idempotencyKey: "late" });
    expect(later).toMatchObject({ status: 201, text: first.text });
  }, 60_000);

  test("that succeeds too late takes the tickets again when they are still there", async ({ expect }) => {
    const { event, cart } = await openShortCart("bob");
    const pending = await carts.buy(cart.id, { token: "tok_late" });
    const order = await waitForEnd(pending.id);
    expect(order).toMatchObject({ status: "paid", payment: { status: "succeeded" } });
    expect(order.paid_at).not.toBeNull();
    expect(await service.readEvent(event.id)).toMatchObject({ available: 0, held: 0, sold: 1 });
    expect(await readPayments(order.id)).toEqual([{ amount_cents: 4500, refunded_cents: 0 }]);
    expect(await carts.find(cart.id)).toMatchObject({
      body: {
        status: "ordered",
        items: [{ status: "sold", reservation_id: order.items[0]?.reservation_id }],
      },
    });
  }, 60_000);

  test("that succeeds too late is given back once when the tickets are gone", async ({ expect }) => {
    const { event, cart } = await openShortCart("cyd");
    const pending = await carts.buy(cart.id, { token: "tok_late" });
    const other = await waitFor("another buyer to get the ticket", async () => {
      const held = await service.askForHold(event.id, "dan");
      return held.status === 201 && String(held.body["id"]);
    });
    await service.change(other, "confirm");
    const order = await waitForEnd(pending.id);
    expect(order).toMatchObject({ status: "refunded", payment: { status: "refunded" }, paid_at: null });
    expect(order.refunded_at).not.toBeNull();
    expect(await readPayments(order.id)).toEqual([{ amount_cents: 4500, refunded_cents: 4500 }]);
    expect(await carts.refund(order.id)).toMatchObject({ status: 200, body: order });
    expect(await readPayments(order.id)).toEqual([{ amount_cents: 4500, refunded_cents: 4500 }]);
    expect(await service.readEvent(event.id)).toMatchObject({ available: 0, held: 0, sold: 1 });
  }, 60_000);
});
