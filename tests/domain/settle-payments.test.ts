import { describe, expect, it } from "vitest";
import { decideStock } from "../../api/domain/decide-stock.ts";
import { holdUntilMs } from "../../api/domain/late-payment.ts";
import type { PaymentResult } from "../../api/domain/order.ts";
import { readReceiptJobId, receiptJobId } from "../../api/domain/receipt-job.ts";
import { makeId } from "../../api/kernel/ids.ts";
import {
  beginCheckout,
  decideOne,
  decideScene,
  openScene,
  orderId,
  payingScene,
  putItem,
  sampleCart,
  sampleItem,
  sampleOrder,
  sampleScene,
  type Scene,
  settleOrder,
} from "./cart-samples.ts";
import { nowMs, sampleEvent, sampleReservation } from "./samples.ts";

const minuteMs = 60_000;
const jobs = {
  settle: { queue: "settle-payment", id: orderId, startAfterSeconds: 10 },
  refund: { queue: "refund-payment", id: orderId, startAfterSeconds: 0 },
  receipt: { queue: "send-receipt", id: orderId, startAfterSeconds: 0 },
  refundReceipt: { queue: "send-receipt", id: receiptJobId(orderId, "refunded"), startAfterSeconds: 0 },
} as const;

describe("a checkout", () => {
  it("keeps the tickets until the cart's deadline or the end of the grace, whichever is later", () => {
    expect(holdUntilMs(nowMs + minuteMs, nowMs, minuteMs - 1)).toBe(nowMs + minuteMs);
    expect(holdUntilMs(nowMs + minuteMs, nowMs, minuteMs + 1)).toBe(nowMs + minuteMs + 1);
    const { books, outcomes } = decideScene(sampleScene(), [beginCheckout({ graceMs: 2 * minuteMs })]);
    expect(outcomes).toMatchObject([{ kind: "order_begun", order: { holdUntilMs: nowMs + 2 * minuteMs } }]);
    expect(books.changes()).toMatchObject({
      updated: [{ status: "held", expiresAtMs: nowMs + 2 * minuteMs, extendedAtMs: [] }],
      carts: [{ orderId, expiresAtMs: nowMs + minuteMs }],
      insertedOrders: [{ id: orderId, status: "pending", totalCents: 1500, keyDigest: null }],
      jobs: [jobs.settle],
      events: [],
    });
  });

  it("is for the prices of when the items were put in, and for what is still held only", () => {
    const items = [
      sampleItem({ eventId: "second", reservationId: "gone", currency: "EUR" }),
      sampleItem({ quantity: 3, priceCents: 700 }),
    ];
    const reservations = [sampleReservation({ cartId: "cart", quantity: 3 })];
    const events = [sampleEvent({ available: 7, held: 3, priceCents: 9900 })];
    const scene = sampleScene({ events, reservations, carts: [sampleCart({ items })] });
    expect(decideOne(scene, beginCheckout({ keyDigest: "digest" }))).toMatchObject({
      order: { totalCents: 2100, currency: "USD", items: [{ eventId: "event" }], keyDigest: "digest" },
    });
  });

  it("of what costs nothing is paid at once, without a payment", () => {
    const scene = sampleScene({ carts: [sampleCart({ items: [sampleItem({ priceCents: 0 })] })] });
    const { books, outcomes } = decideScene(scene, [beginCheckout()]);
    const order = {
      status: "paid",
      payment: { status: "none", token: null },
      paidAtMs: nowMs,
      settledAtMs: nowMs,
    };
    expect(outcomes).toMatchObject([{ kind: "order_settled", order }]);
    const changes = books.changes();
    expect(changes).toMatchObject({ updated: [{ status: "confirmed" }], insertedOrders: [order] });
    expect(changes).toMatchObject({ jobs: [jobs.receipt], finishedJobs: [], updatedOrders: [] });
  });

  it("that is begun and settled in one transaction leaves an order, a receipt, and no job to settle it", () => {
    const { books } = decideScene(sampleScene(), [beginCheckout(), settleOrder()]);
    expect(books.changes()).toMatchObject({
      insertedOrders: [{ status: "paid" }],
      updatedOrders: [],
      jobs: [jobs.receipt],
      finishedJobs: [],
    });
  });
});

describe("a payment that succeeded", () => {
  const endMs = nowMs + minuteMs;

  it("sells what is held, until the end of the grace", () => {
    const { books, outcomes } = decideScene(payingScene(), [settleOrder()], endMs - 1);
    const payment = { status: "succeeded", reference: "paid", token: null };
    expect(outcomes).toMatchObject([{ order: { status: "paid", payment, paidAtMs: endMs - 1 } }]);
    expect(books.event("event")).toMatchObject({ available: 9, held: 0, sold: 1 });
    const changes = books.changes();
    expect(changes).toMatchObject({
      inserted: [],
      updated: [{ id: "reservation", status: "confirmed" }],
      carts: [],
    });
    expect(changes.jobs).toEqual([jobs.receipt]);
    expect(changes.finishedJobs).toEqual([{ queue: "settle-payment", id: orderId }]);
  });

  it("takes the tickets again from then on, if they are free, whatever the event's sales are by then", () => {
    const closed = {
      salesEndAtMs: nowMs,
      pausedReason: "fire alarm",
      maxQuantity: 0,
      requiresVerifiedPhone: true,
    };
    const events = [sampleEvent({ available: 0, held: 1, sold: 9, ...closed })];
    const { books, outcomes } = decideScene(payingScene({ events }), [settleOrder()], endMs);
    const items = [{ reservationId: "made-1" }];
    expect(outcomes).toMatchObject([{ order: { status: "paid", items } }]);
    expect(books.event("event")).toMatchObject({ available: 0, held: 0, sold: 10 });
    expect(books.changes()).toMatchObject({
      updated: [{ id: "reservation", status: "expired", cause: "deadline_passed" }],
      inserted: [{ id: "made-1", status: "confirmed", cartId: "cart", userId: "ada", confirmedAtMs: endMs }],
      carts: [{ items }],
      jobs: [jobs.receipt],
    });
  });

  it("goes back when they are gone, or when the buyer has others by now", () => {
    const swept = sampleReservation({
      cartId: "cart",
      status: "expired",
      releasedAtMs: endMs,
      cause: "deadline_passed",
    });
    const single = sampleReservation({ id: "single", expiresAtMs: endMs + 1 });
    const scenes: Scene[] = [
      payingScene({ events: [sampleEvent({ available: 0, sold: 10 })], reservations: [swept] }),
      payingScene({ events: [sampleEvent({ available: 9, held: 1 })], reservations: [swept, single] }),
    ];
    for (const scene of scenes) {
      const { books, outcomes } = decideScene(scene, [settleOrder()], endMs);
      const payment = { status: "refunding", reference: "paid", token: null };
      expect(outcomes).toMatchObject([
        { kind: "order_settled", order: { status: "refunded", payment, paidAtMs: null, settledAtMs: endMs } },
      ]);
      const { jobs: asked, finishedJobs, inserted, updated, events } = books.changes();
      expect(asked).toEqual([jobs.refund, jobs.refundReceipt]);
      expect(finishedJobs).toEqual([{ queue: "settle-payment", id: orderId }]);
      expect([inserted, updated, events]).toEqual([[], [], []]);
    }
  });

  it("takes tickets from holds whose deadline has passed, swept or not, but not a millisecond earlier", () => {
    const swept = sampleReservation({
      cartId: "cart",
      status: "expired",
      releasedAtMs: nowMs,
      cause: "deadline_passed",
    });
    const other = sampleReservation({ id: "other", userId: "grace", expiresAtMs: endMs + 1 });
    const scene = payingScene({
      events: [sampleEvent({ available: 0, held: 1, sold: 9 })],
      reservations: [swept, other],
    });
    expect(decideOne(scene, settleOrder(), endMs)).toMatchObject({ order: { status: "refunded" } });
    expect(decideOne(scene, settleOrder(), endMs + 1)).toMatchObject({ order: { status: "paid" } });
  });

  it("buys all or nothing: one item that is gone returns the others", () => {
    const items = [sampleItem(), sampleItem({ eventId: "second", reservationId: "gone" })];
    const events = [
      sampleEvent({ available: 9, held: 1 }),
      sampleEvent({ id: "second", available: 0, sold: 10 }),
    ];
    const gone = sampleReservation({ id: "gone", eventId: "second", cartId: "cart", status: "expired" });
    const reservations = [sampleReservation({ cartId: "cart" }), gone];
    for (const ordered of [items, items.toReversed()]) {
      const scene = payingScene({ events, reservations }, { items: ordered, totalCents: 3000 });
      const both = settleOrder({ eventIds: ["event", "second"] });
      const { books, outcomes } = decideScene(scene, [both]);
      expect(outcomes).toMatchObject([{ order: { status: "refunded" } }]);
      expect(books.event("event")).toMatchObject({ available: 10, held: 0, sold: 0 });
      expect(books.changes()).toMatchObject({
        updated: [{ id: "reservation", status: "expired", cause: "deadline_passed" }],
        inserted: [],
      });
    }
  });
});

describe("a payment that came to nothing", () => {
  it.each<{ result: PaymentResult; status: string; payment: object }>([
    {
      result: { kind: "declined", reason: "no funds" },
      status: "declined",
      payment: { status: "declined", declineReason: "no funds", token: null },
    },
    {
      result: { kind: "never_charged" },
      status: "cancelled",
      payment: { status: "never_charged", declineReason: null, token: null },
    },
  ])("$result.kind leaves the cart as it was, under its own deadline", ({ result, status, payment }) => {
    const kept = sampleReservation({ cartId: "cart", expiresAtMs: nowMs + 2 * minuteMs });
    const scene = payingScene({ reservations: [kept] }, { holdUntilMs: nowMs + 2 * minuteMs });
    const atMs = nowMs + minuteMs - 1;
    const { books, outcomes } = decideScene(scene, [settleOrder({ result }), putItem()], atMs);
    expect(outcomes).toMatchObject([
      { order: { status, payment, paidAtMs: null, settledAtMs: atMs } },
      { kind: "cart_saved" },
    ]);
    expect(books.changes()).toMatchObject({
      updated: [{ status: "held", expiresAtMs: nowMs + minuteMs }],
      events: [],
      jobs: [],
      finishedJobs: [{ queue: "settle-payment", id: orderId }],
    });

    const late = decideScene(scene, [settleOrder({ result })], nowMs + minuteMs);
    expect(late.books.changes().updated).toMatchObject([
      { status: "expired", cause: "deadline_passed", expiresAtMs: nowMs + minuteMs },
    ]);
    expect(late.books.event("event")).toMatchObject({ available: 10, held: 0 });
  });

  it("tells the next who asks of the deadline that is in force again, even if it was far down the line before", () => {
    const kept = sampleReservation({ cartId: "cart", expiresAtMs: nowMs + 3 * minuteMs });
    const other = sampleReservation({ id: "other", userId: "alan", expiresAtMs: nowMs + 2 * minuteMs });
    const events = [sampleEvent({ available: 0, held: 2, sold: 8 })];
    const scene = payingScene({ events, reservations: [other, kept] });
    // Of an event's holds no more than those that end first are read.
    const books = openScene(scene, nowMs, new Map([["event", [other]]]));
    const hold = { kind: "hold", eventId: "event", userId: "grace", quantity: 1 } as const;
    const ask = () => decideStock(books, hold, () => "made");
    expect(ask()).toEqual({ kind: "all_held", nextExpiryAtMs: nowMs + 2 * minuteMs });
    decideStock(books, settleOrder({ result: { kind: "never_charged" } }), () => "made");
    expect(ask()).toEqual({ kind: "all_held", nextExpiryAtMs: nowMs + minuteMs });
  });
});

describe("a refund of a paid order", () => {
  const refund = { kind: "refund_order", eventIds: ["event"], cartId: "cart", orderId } as const;
  const sold = {
    events: [sampleEvent({ available: 9, sold: 1, salesEndAtMs: nowMs })],
    reservations: [sampleReservation({ cartId: "cart", status: "confirmed", confirmedAtMs: nowMs - 1 })],
  };
  const { payment } = sampleOrder();

  it("returns the tickets and sends the money back, once", () => {
    const paid = { ...payment, status: "succeeded", reference: "paid", token: null } as const;
    const scene = payingScene(sold, {
      status: "paid",
      payment: paid,
      settledAtMs: nowMs - 1,
      paidAtMs: nowMs - 1,
    });
    const { books, outcomes } = decideScene(scene, [refund, refund]);
    expect(outcomes[0]).toMatchObject({
      order: {
        status: "refunded",
        payment: { status: "refunding" },
        settledAtMs: nowMs - 1,
        refundedAtMs: null,
      },
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(books.event("event")).toMatchObject({ available: 10, sold: 0 });
    const changes = books.changes();
    expect(changes.updated).toMatchObject([{ status: "cancelled", cause: "cancelled_by_service" }]);
    expect(changes.jobs).toEqual([jobs.refund, jobs.refundReceipt]);
  });

  it("of nothing sends no money, only word", () => {
    const free = { ...payment, status: "none", token: null } as const;
    const scene = payingScene(sold, { status: "paid", totalCents: 0, payment: free });
    const { books, outcomes } = decideScene(scene, [refund]);
    expect(outcomes).toMatchObject([{ order: { status: "refunded", payment: { status: "none" } } }]);
    expect(books.changes().jobs).toEqual([jobs.refundReceipt]);
  });
});

describe("the id of a receipt's job", () => {
  it("is the order's for a payment and another one for a refund, and tells both again", () => {
    for (let made = 0; made < 1000; made += 1) {
      const id = makeId();
      const [paid, refunded] = [receiptJobId(id, "paid"), receiptJobId(id, "refunded")];
      expect(paid).not.toBe(refunded);
      expect(refunded).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      expect(readReceiptJobId(paid)).toEqual({ orderId: id, kind: "paid" });
      expect(readReceiptJobId(refunded)).toEqual({ orderId: id, kind: "refunded" });
    }
  });

  it("is made from no other kind of id, of which the order could not be told again", () => {
    expect(() => receiptJobId("5f0f0d1c-7c52-4d6e-9d5c-1f0c6c1d2e3f", "refunded")).toThrow("UUIDv7");
  });
});
