import { describe, expect, it } from "vitest";
import type { Cart } from "../../api/domain/cart.ts";
import type { PutCartItemCommand, StockCommand, StockOutcome } from "../../api/domain/commands.ts";
import type { Event } from "../../api/domain/event.ts";
import type { Order, OrderStatus } from "../../api/domain/order.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import {
  ada,
  beginCheckout,
  decideOne,
  decideScene,
  orderId,
  payingScene,
  putItem,
  sampleCart,
  sampleItem,
  sampleOrder,
  sampleScene,
  settleOrder,
  shop,
} from "./cart-samples.ts";
import { nowMs, sampleEvent, sampleReservation } from "./samples.ts";

describe("the precedence of refusals of an item", () => {
  /** Of an event that is not in the cart yet, which has another item. */
  interface Situation {
    event: Event;
    cart: Cart;
    reservations: Reservation[];
    orders: Order[];
    command: PutCartItemCommand;
  }
  const bought = (status: OrderStatus) => (all: Situation) => {
    all.cart = { ...all.cart, orderId };
    all.orders = [sampleOrder({ status })];
  };
  const term = (given: Partial<Event>) => (all: Situation) => {
    all.event = { ...all.event, ...given };
  };
  const manyItems = Array.from({ length: 20 }, (_, index) =>
    sampleItem({ eventId: `event-${index}`, reservationId: `gone-${index}` }),
  );
  /** Each flaw alone makes its refusal; they are listed in the documented order. */
  const flaws: readonly { refusal: StockOutcome["kind"]; add: (all: Situation) => void }[] = [
    { refusal: "event_not_found", add: (all) => void (all.command = { ...all.command, eventId: "unknown" }) },
    { refusal: "cart_not_found", add: (all) => void (all.cart = { ...all.cart, userId: "grace" }) },
    { refusal: "cart_ordered", add: bought("paid") },
    { refusal: "checkout_in_progress", add: bought("pending") },
    { refusal: "sales_ended", add: term({ salesEndAtMs: nowMs }) },
    { refusal: "sales_paused", add: term({ pausedReason: "fire alarm" }) },
    { refusal: "sales_not_started", add: term({ salesStartAtMs: nowMs + 1 }) },
    { refusal: "quantity_over_limit", add: term({ maxQuantity: 1 }) },
    { refusal: "phone_not_verified", add: term({ requiresVerifiedPhone: true }) },
    { refusal: "currency_mismatch", add: term({ currency: "EUR" }) },
    {
      refusal: "cart_full",
      add: (all) => void (all.cart = { ...all.cart, items: [...all.cart.items, ...manyItems].slice(0, 20) }),
    },
    {
      refusal: "duplicate_reservation",
      add: (all) => void all.reservations.push(sampleReservation({ id: "single", eventId: "new" })),
    },
    { refusal: "all_held", add: term({ available: 0, held: 10 }) },
  ];

  it.each(flaws.map((each, index) => ({ refusal: each.refusal, index })))(
    "$refusal comes before all that follow",
    ({ refusal, index }) => {
      const all: Situation = {
        event: sampleEvent({ id: "new" }),
        cart: sampleCart(),
        reservations: [sampleReservation({ cartId: "cart" })],
        orders: [],
        command: putItem({ eventId: "new", quantity: 2 }),
      };
      // From the last to the first, so that of two that exclude each other the earlier one stays.
      for (const { add } of flaws.slice(index).reverse()) add(all);
      const { event, cart, reservations, orders, command } = all;
      const events = [event, sampleEvent({ available: 9, held: 1 })];
      expect(decideOne({ events, reservations, carts: [cart], orders }, command).kind).toBe(refusal);
    },
  );

  it("what is already so is granted before the terms of sale are looked at, and changes nothing", () => {
    const closed = sampleEvent({ available: 0, held: 1, salesEndAtMs: nowMs, maxQuantity: 1 });
    const scene = sampleScene({ events: [closed] });
    const { books, outcomes } = decideScene(scene, [putItem()]);
    expect(outcomes).toMatchObject([{ kind: "cart_saved", view: { cart: scene.carts[0] } }]);
    expect(Object.values(books.changes()).flat()).toEqual([]);
    expect(decideOne(scene, putItem({ quantity: 2 })).kind).toBe("sales_ended");
  });

  it("a cart is hidden from another buyer, and from the shop when it names another user", () => {
    const grace = { role: "buyer", userId: "grace" } as const;
    expect(decideOne(sampleScene(), putItem({ requester: grace })).kind).toBe("cart_not_found");
    expect(decideOne(sampleScene(), putItem({ requester: grace, userId: "grace" })).kind).toBe(
      "cart_not_found",
    );
    expect(decideOne(sampleScene(), putItem({ requester: shop, userId: "grace" })).kind).toBe(
      "cart_not_found",
    );
    expect(decideOne(sampleScene(), putItem({ requester: shop })).kind).toBe("cart_saved");
  });

  it("a currency binds only as long as an item of it is held, and an item does not bind itself", () => {
    const events = [
      sampleEvent({ available: 9, held: 1, currency: "EUR" }),
      sampleEvent({ id: "new", currency: "EUR" }),
    ];
    const scene = sampleScene({ events });
    expect(decideOne(scene, putItem({ eventId: "new" }))).toEqual({
      kind: "currency_mismatch",
      currency: "USD",
    });
    expect(decideOne(scene, putItem({ quantity: 2 }))).toMatchObject({
      kind: "cart_saved",
      view: { cart: { items: [{ currency: "EUR", quantity: 2 }] } },
    });
    expect(decideOne(scene, putItem({ eventId: "new" }), nowMs + 60_000).kind).toBe("cart_saved");
  });

  it("a full cart takes no new item, but may have one of its own changed", () => {
    const others = Array.from({ length: 19 }, (_, index) =>
      sampleItem({ eventId: `event-${index}`, reservationId: `gone-${index}` }),
    );
    const events = [sampleEvent({ available: 9, held: 1 }), sampleEvent({ id: "new" })];
    const full = sampleScene({ events, carts: [sampleCart({ items: [...others, sampleItem()] })] });
    expect(decideOne(full, putItem({ eventId: "new" }))).toEqual({ kind: "cart_full", itemsMax: 20 });
    expect(decideOne(full, putItem({ quantity: 2 })).kind).toBe("cart_saved");
    const nearlyFull = { ...full, carts: [sampleCart({ items: [...others.slice(1), sampleItem()] })] };
    expect(decideOne(nearlyFull, putItem({ eventId: "new" })).kind).toBe("cart_saved");
  });

  it("its own tickets count as free when more are asked for", () => {
    const hold = sampleReservation({ cartId: "cart", quantity: 2 });
    const carts = [sampleCart({ items: [sampleItem({ quantity: 2 })] })];
    const events = [sampleEvent({ available: 1, held: 2, sold: 5 })];
    const scene = sampleScene({ events, reservations: [hold], carts });
    expect(decideOne(scene, putItem({ quantity: 4 }))).toEqual({ kind: "not_enough_left", available: 3 });
    const { books, outcomes } = decideScene(scene, [putItem({ quantity: 3 })]);
    expect(outcomes[0]?.kind).toBe("cart_saved");
    expect(books.event("event")).toMatchObject({ available: 0, held: 3, sold: 5 });
    expect(books.changes()).toMatchObject({
      updated: [{ id: "reservation", status: "cancelled", cause: "cancelled_by_buyer" }],
      inserted: [{ id: "made-1", status: "held", quantity: 3, cartId: "cart", expiresAtMs: nowMs + 60_000 }],
    });
  });
});

describe("the precedence of refusals of what is asked of a whole cart", () => {
  const extend = { kind: "extend_cart", eventIds: ["event"], cartId: "cart", requester: ada } as const;
  const remove = { kind: "remove_cart_item", eventId: "event", cartId: "cart", requester: ada } as const;
  const grace = { role: "buyer", userId: "grace" } as const;
  const expired = { expiresAtMs: nowMs };

  it.each([extend, remove, beginCheckout()])("$kind: not found, then ordered, then being paid", (command) => {
    const ordered = sampleScene({
      carts: [sampleCart({ orderId, ...expired })],
      orders: [sampleOrder({ status: "paid" })],
    });
    expect(decideOne(ordered, { ...command, requester: grace })).toEqual({ kind: "cart_not_found" });
    expect(decideOne(ordered, { ...command, cartId: "unknown" })).toEqual({ kind: "cart_not_found" });
    for (const status of ["paid", "refunded"] as const) {
      const scene = { ...ordered, orders: [sampleOrder({ status })] };
      expect(decideOne(scene, command)).toEqual({ kind: "cart_ordered", orderId });
    }
    const paying = { ...ordered, orders: [sampleOrder()] };
    expect(decideOne(paying, command)).toEqual({ kind: "checkout_in_progress", orderId });
    for (const status of ["declined", "cancelled"] as const) {
      const scene = { ...ordered, orders: [sampleOrder({ status })] };
      expect(["cart_expired", "cart_saved"]).toContain(decideOne(scene, command).kind);
    }
  });

  it.each<{ command: StockCommand; cart: Partial<Cart>; kind: string }>([
    { command: extend, cart: { items: [], expiresAtMs: null }, kind: "cart_empty" },
    { command: extend, cart: expired, kind: "cart_expired" },
    { command: extend, cart: { items: [sampleItem({ reservationId: "gone" })] }, kind: "cart_empty" },
    { command: { ...extend, eventIds: [] }, cart: expired, kind: "cart_expired" },
    { command: { ...extend, eventIds: [] }, cart: { extensions: 1 }, kind: "cart_outdated" },
    { command: extend, cart: { extensions: 1 }, kind: "cart_extension_limit" },
    { command: extend, cart: {}, kind: "cart_saved" },
    { command: beginCheckout(), cart: { items: [], expiresAtMs: null }, kind: "cart_empty" },
    { command: beginCheckout({ eventIds: [] }), cart: expired, kind: "cart_expired" },
    {
      command: beginCheckout(),
      cart: { items: [sampleItem({ reservationId: "gone" })] },
      kind: "cart_expired",
    },
    { command: beginCheckout({ eventIds: [] }), cart: {}, kind: "cart_outdated" },
    { command: beginCheckout(), cart: {}, kind: "order_begun" },
  ])("$command.kind is answered with $kind", ({ command, cart, kind }) => {
    expect(decideOne(sampleScene({ carts: [sampleCart(cart)] }), command).kind).toBe(kind);
  });

  it("removing what is not in the cart changes nothing", () => {
    const { books, outcomes } = decideScene(sampleScene(), [{ ...remove, eventId: "unknown" }]);
    expect(outcomes[0]?.kind).toBe("cart_saved");
    expect(Object.values(books.changes()).flat()).toEqual([]);
  });
});

describe("the precedence of refusals of an order", () => {
  const refund = { kind: "refund_order", eventIds: ["event"], cartId: "cart", orderId } as const;

  it.each([refund, settleOrder()])("$kind does not find it in another cart", (command) => {
    expect(decideOne(payingScene(), { ...command, cartId: "another" })).toEqual({ kind: "order_not_found" });
    expect(decideOne(payingScene(), { ...command, orderId: "unknown" })).toEqual({ kind: "order_not_found" });
  });

  it("only a paid order is refunded; one that was refunded stays as it is", () => {
    for (const status of ["pending", "declined", "cancelled"] as const) {
      const asked = { ...refund, eventIds: [] };
      expect(decideOne(payingScene({}, { status }), asked)).toEqual({ kind: "order_not_paid", status });
    }
    const { books, outcomes } = decideScene(payingScene({}, { status: "refunded" }), [refund]);
    expect(outcomes).toEqual([{ kind: "order_settled", order: sampleOrder({ status: "refunded" }) }]);
    expect(Object.values(books.changes()).flat()).toEqual([]);
    expect(decideOne(payingScene({}, { status: "paid" }), { ...refund, eventIds: [] }).kind).toBe(
      "cart_outdated",
    );
  });

  it.each(["paid", "declined", "cancelled", "refunded"] as const)(
    "a %s order is settled already",
    (status) => {
      for (const result of [{ kind: "succeeded", reference: "again" }, { kind: "never_charged" }] as const) {
        const { books, outcomes } = decideScene(payingScene({}, { status }), [
          settleOrder({ result, eventIds: [] }),
        ]);
        expect(outcomes).toEqual([{ kind: "order_settled", order: sampleOrder({ status }) }]);
        expect(Object.values(books.changes()).flat()).toEqual([]);
      }
    },
  );

  it("nothing is settled while one of its events is not locked", () => {
    const { books, outcomes } = decideScene(payingScene(), [settleOrder({ eventIds: [] })]);
    expect(outcomes).toEqual([{ kind: "cart_outdated" }]);
    expect(Object.values(books.changes()).flat()).toEqual([]);
  });
});

describe("a reservation of a cart", () => {
  const named = { eventId: "event", reservationId: "reservation" } as const;

  it.each(["confirm", "extend", "cancel"] as const)("lets nobody %s it alone", (kind) => {
    const inCart = { kind: "reservation_in_cart", cartId: "cart" };
    for (const requester of [ada, shop]) {
      expect(decideOne(sampleScene(), { kind, ...named, requester })).toEqual(inCart);
      const sold = sampleScene({
        events: [sampleEvent({ available: 9, sold: 1 })],
        reservations: [sampleReservation({ cartId: "cart", status: "confirmed" })],
      });
      expect(decideOne(sold, { kind, ...named, requester })).toEqual(inCart);
    }
  });

  it.each(["confirm", "extend", "cancel"] as const)(
    "is not hidden by its cart once it has ended: %s",
    (kind) => {
      const grace = { role: "buyer", userId: "grace" } as const;
      expect(decideOne(sampleScene(), { kind, ...named, requester: grace }).kind).toBe(
        "reservation_not_found",
      );
      const outcome = decideOne(sampleScene(), { kind, ...named, requester: ada }, nowMs + 60_000);
      expect(outcome).toMatchObject({
        kind: kind === "cancel" ? "cancelled" : "hold_ended",
        reservation: { status: "expired" },
      });
    },
  );
});
