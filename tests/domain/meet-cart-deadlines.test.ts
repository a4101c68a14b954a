import { describe, expect, it } from "vitest";
import { statusOfCart, statusOfItem } from "../../api/domain/cart.ts";
import {
  ada,
  beginCheckout,
  decideOne,
  decideScene,
  putItem,
  sampleCart,
  sampleItem,
  sampleScene,
  shop,
} from "./cart-samples.ts";
import { nowMs, sampleEvent, sampleReservation } from "./samples.ts";

const minuteMs = 60_000;

describe("the deadline of a cart", () => {
  const extend = { kind: "extend_cart", eventIds: ["event"], cartId: "cart", requester: ada } as const;

  it.each([extend, beginCheckout()])(
    "has passed for $kind at the very moment, not a millisecond before",
    (command) => {
      expect(decideOne(sampleScene(), command, nowMs + minuteMs - 1).kind).not.toBe("cart_expired");
      expect(decideOne(sampleScene(), command, nowMs + minuteMs)).toEqual({
        kind: "cart_expired",
        expiredAtMs: nowMs + minuteMs,
      });
    },
  );

  it("is set by the first item, and shared by those that follow", () => {
    const events = [sampleEvent({ holdSeconds: 90 }), sampleEvent({ id: "second", holdSeconds: 600 })];
    const carts = [sampleCart({ items: [], expiresAtMs: null })];
    const commands = [putItem(), putItem({ eventId: "second" })];
    const { books } = decideScene({ events, carts, reservations: [], orders: [] }, commands);
    const deadline = { expiresAtMs: nowMs + 90_000 };
    expect(books.changes()).toMatchObject({ carts: [deadline], inserted: [deadline, deadline] });
  });

  it("begins anew when nothing is held any more, with a new count of extensions, and keeps the expired on the list", () => {
    const events = [sampleEvent({ available: 9, held: 1 }), sampleEvent({ id: "second", holdSeconds: 90 })];
    const scene = sampleScene({ events, carts: [sampleCart({ extensions: 1 })] });
    const atMs = nowMs + minuteMs;
    expect(decideOne(scene, putItem({ eventId: "second" }), atMs)).toMatchObject({
      view: {
        cart: {
          expiresAtMs: atMs + 90_000,
          extensions: 0,
          items: [{ eventId: "event" }, { eventId: "second", reservationId: "made-1" }],
        },
        extensionsLeft: 1,
      },
    });
    expect(decideOne(scene, putItem({ eventId: "second" }), atMs - 1)).toMatchObject({
      view: { cart: { expiresAtMs: atMs, extensions: 1 }, extensionsLeft: 0 },
    });
  });

  it("does not move when the number of tickets of the only item changes", () => {
    const scene = sampleScene({ carts: [sampleCart({ extensions: 1 })] });
    expect(decideOne(scene, putItem({ quantity: 2 }))).toMatchObject({
      view: { cart: { expiresAtMs: nowMs + minuteMs, extensions: 1, items: [{ quantity: 2 }] } },
    });
  });

  it("moves by the shortest hold period, as often as the strictest of its events allows", () => {
    const events = [
      sampleEvent({ available: 9, held: 1, holdSeconds: 600, maxExtensions: 1 }),
      sampleEvent({ id: "second", available: 9, held: 1, holdSeconds: 90, maxExtensions: 5 }),
    ];
    const second = sampleReservation({ id: "other", eventId: "second", cartId: "cart" });
    const reservations = [sampleReservation({ cartId: "cart" }), second];
    const items = [sampleItem(), sampleItem({ eventId: "second", reservationId: "other" })];
    const scene = { events, reservations, carts: [sampleCart({ items })], orders: [] };
    const both = { ...extend, eventIds: ["event", "second"] };
    const { books, outcomes } = decideScene(scene, [both, both]);
    const moved = { expiresAtMs: nowMs + minuteMs + 90_000 };
    expect(outcomes).toMatchObject([
      { kind: "cart_saved", view: { cart: { ...moved, extensions: 1 }, extensionsLeft: 0 } },
      { kind: "cart_extension_limit" },
    ]);
    const extended = { ...moved, extendedAtMs: [nowMs] };
    expect(books.changes().updated).toMatchObject([extended, extended]);
  });

  it("is gone with the last item, and past when only expired items are left", () => {
    const remove = { kind: "remove_cart_item", eventId: "event", cartId: "cart", requester: shop } as const;
    const { books, outcomes } = decideScene(sampleScene(), [remove]);
    expect(outcomes).toMatchObject([{ view: { cart: { items: [], expiresAtMs: null } } }]);
    expect(books.changes().updated).toMatchObject([{ status: "cancelled", cause: "cancelled_by_service" }]);
    const items = [sampleItem({ eventId: "second", reservationId: "gone" }), sampleItem()];
    const leftover = sampleScene({ carts: [sampleCart({ items })] });
    expect(decideOne(leftover, remove)).toMatchObject({
      view: { cart: { items: [{ eventId: "second" }], expiresAtMs: nowMs } },
    });
  });

  it("ends a cart, except while it is being paid or once it is bought", () => {
    const look = { reservations: new Map(), extensionsLeft: 0, cart: sampleCart({ expiresAtMs: nowMs }) };
    const at = (orderStatus: Parameters<typeof statusOfCart>[0]["orderStatus"], atMs: number) =>
      statusOfCart({ ...look, orderStatus, nowMs: atMs });
    expect([at(null, nowMs - 1), at(null, nowMs)]).toEqual(["open", "expired"]);
    expect([at("declined", nowMs - 1), at("cancelled", nowMs)]).toEqual(["open", "expired"]);
    expect([at("pending", nowMs), at("paid", nowMs), at("refunded", nowMs)]).toEqual([
      "paying",
      "ordered",
      "ordered",
    ]);
    const hold = sampleReservation({ expiresAtMs: nowMs });
    expect(statusOfItem(hold, nowMs - 1)).toBe("held");
    expect(
      [hold, { ...hold, status: "cancelled" as const }, undefined].map((each) => statusOfItem(each, nowMs)),
    ).toEqual(["expired", "expired", "expired"]);
    expect(statusOfItem({ ...hold, status: "confirmed" }, nowMs)).toBe("sold");
  });
});

describe("a cart that was made for its first item", () => {
  const fresh = sampleScene({
    events: [sampleEvent({ available: 1 })],
    reservations: [],
    carts: [sampleCart({ items: [], expiresAtMs: null })],
    fresh: ["cart"],
  });

  it("stays when the item is granted", () => {
    expect(decideScene(fresh, [putItem()]).books.changes()).toMatchObject({
      carts: [{ id: "cart", userId: "ada", items: [{ eventId: "event" }] }],
      unusedCarts: [],
    });
  });

  it("goes again when it is refused, and is not there for anyone in the meantime", () => {
    const { books, outcomes } = decideScene(fresh, [
      putItem({ quantity: 2 }),
      { kind: "remove_cart_item", eventId: "event", cartId: "cart", requester: ada },
      beginCheckout(),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["not_enough_left", "cart_not_found", "cart_not_found"]);
    expect(books.changes()).toMatchObject({ carts: [], unusedCarts: ["cart"] });
  });

  it("belongs to whoever put the first item in it, not to whoever was refused", () => {
    const grace = { userId: "grace", requester: { role: "buyer", userId: "grace" } } as const;
    const { books, outcomes } = decideScene(fresh, [putItem({ quantity: 2 }), putItem(grace), putItem()]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["not_enough_left", "cart_saved", "cart_not_found"]);
    expect(books.changes()).toMatchObject({ carts: [{ userId: "grace" }], unusedCarts: [] });
  });
});
