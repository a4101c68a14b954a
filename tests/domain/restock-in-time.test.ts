import { describe, expect, it } from "vitest";
import type { StockCommand, StockOutcome } from "../../api/domain/commands.ts";
import { capacityMax } from "../../api/domain/event.ts";
import type { PlainStore } from "./plain-store.ts";
import {
  closeOf,
  countedIds,
  deliveryOf,
  eventIn,
  openRestockStore,
  reopenOf,
  rule,
} from "./restock-samples.ts";
import { nowMs, sampleHold } from "./samples.ts";

const hold = (userId: string, quantity = 1) => sampleHold({ userId, quantity });

/** Decides commands, each in a transaction of its own. @returns the outcome of the last one */
function run(store: PlainStore, ...commands: readonly StockCommand[]): StockOutcome {
  let last: StockOutcome = { kind: "not_due" };
  for (const command of commands) {
    const [outcome] = store.transact([command], nowMs, makeId).outcomes;
    if (outcome !== undefined) last = outcome;
  }
  return last;
}

let makeId = countedIds();

/** A store whose event has fallen under its threshold, with the order that this has opened. */
function openShort(given: Parameters<typeof openRestockStore>[0] = {}) {
  const store = openRestockStore(given);
  makeId = countedIds();
  run(store, hold("ada", 2));
  const [order] = store.restockOrders.values();
  if (order === undefined) throw new Error("No order was opened.");
  return { store, order };
}

const ordersOf = (store: PlainStore) => [...store.restockOrders.values()];
const change = (terms: Extract<StockCommand, { kind: "change_event" }>["change"]): StockCommand => {
  return { kind: "change_event", eventId: "event", change: terms, actor: "ops" };
};

describe("a restock order", () => {
  it("is opened when the free stock falls under the threshold, and not when it meets it", () => {
    const store = openRestockStore();
    makeId = countedIds();
    run(store, hold("ada"));
    expect(eventIn(store)).toMatchObject({ available: 3, restockOrderId: null });
    expect(ordersOf(store)).toEqual([]);
    run(store, hold("bob"));
    const [order] = ordersOf(store);
    expect(order).toEqual({
      id: expect.any(String),
      eventId: "event",
      quantity: 5,
      supplierUrl: "demo:",
      status: "open",
      attempts: 0,
      lastError: null,
      supplierReference: null,
      createdAtMs: nowMs,
      placedAtMs: null,
      deliveredAtMs: null,
      closedAtMs: null,
    });
    expect(eventIn(store).restockOrderId).toBe(order?.id);
    expect([...store.jobs.values()]).toEqual([
      { queue: "place-restock-order", id: order?.id, startAfterSeconds: 0 },
    ]);
  });

  it("is not opened again while one is under way", () => {
    const { store } = openShort();
    run(store, hold("bob"), hold("cyd"), hold("dan"));
    expect(eventIn(store).available).toBe(0);
    expect(ordersOf(store)).toHaveLength(1);
  });

  it("is opened once by commands that share a transaction", () => {
    const store = openRestockStore();
    const { outcomes } = store.transact([hold("ada", 2), hold("bob"), hold("cyd")], nowMs, countedIds());
    expect(outcomes.map(({ kind }) => kind)).toEqual(["held", "held", "held"]);
    expect(ordersOf(store)).toHaveLength(1);
  });

  it("is opened by a buyer who is refused, where nothing was free to begin with", () => {
    const store = openRestockStore({ available: 0 });
    makeId = countedIds();
    expect(run(store, hold("ada"))).toEqual({ kind: "sold_out" });
    expect(ordersOf(store)).toHaveLength(1);
  });

  it("is opened when a change of the event leaves too little", () => {
    const store = openRestockStore({ restock: null });
    makeId = countedIds();
    run(store, change({ capacity: 2 }));
    expect(ordersOf(store)).toEqual([]);
    run(store, change({ restock: rule }));
    expect(ordersOf(store)).toHaveLength(1);
  });

  it.each([
    ["there is no rule", { restock: null }],
    ["sales are over", { salesEndAtMs: nowMs }],
    ["the last one came to nothing", { restockHeldBack: true }],
    ["the event could not take it", { available: 4, sold: capacityMax - 6 }],
  ])("is not opened when %s", (_reason, given) => {
    const store = openRestockStore({ available: 4, ...given });
    run(store, change({ capacity: eventIn(store).capacity - 2 }));
    expect(eventIn(store).available).toBe(2);
    expect(ordersOf(store)).toEqual([]);
    expect(store.jobs.size).toBe(0);
  });
});

describe("a delivery", () => {
  it("raises the capacity, ends the order, and says who reported it", () => {
    const { store, order } = openShort();
    const outcome = run(store, deliveryOf(order.id, { reference: "PO-1" }));
    const delivered = { ...order, status: "delivered", deliveredAtMs: nowMs, supplierReference: "PO-1" };
    expect(outcome).toEqual({ kind: "restock_changed", order: delivered, event: eventIn(store) });
    expect(eventIn(store)).toMatchObject({ capacity: 9, available: 7, held: 2, restockOrderId: null });
    expect(store.restockOrders.get(order.id)).toEqual(delivered);
    expect(store.audits).toMatchObject([{ eventId: "event", action: "restocked", actor: "shop" }]);
  });

  it("raises the capacity once, in one transaction and in several", () => {
    const { store, order } = openShort();
    const twice = [deliveryOf(order.id), deliveryOf(order.id)];
    for (const commands of [twice, twice]) {
      const { outcomes } = store.transact(commands, nowMs, makeId);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["restock_changed", "restock_changed"]);
    }
    expect(eventIn(store)).toMatchObject({ capacity: 9, available: 7 });
    expect(store.audits).toHaveLength(1);
  });

  it("lets the next order open when the stock falls again", () => {
    const { store, order } = openShort();
    run(store, deliveryOf(order.id), hold("bob", 5));
    expect(ordersOf(store).map(({ status }) => status)).toEqual(["delivered", "open"]);
  });

  it("that is too small opens the next order at once", () => {
    const { store, order } = openShort({ restock: { ...rule, threshold: 100 } });
    run(store, deliveryOf(order.id));
    expect(ordersOf(store).map(({ status }) => status)).toEqual(["delivered", "open"]);
    expect(eventIn(store).restockOrderId).toBe(ordersOf(store)[1]?.id);
  });

  it("is refused in the documented order, and changes nothing", () => {
    const { store, order } = openShort();
    const before = eventIn(store);
    expect(run(store, deliveryOf("unknown", { quantity: 1 }))).toEqual({ kind: "restock_order_not_found" });
    expect(run(store, deliveryOf(order.id, { eventId: "elsewhere" }))).toEqual({
      kind: "restock_order_not_found",
    });
    const mismatch = { kind: "delivery_quantity_mismatch", quantity: 5 };
    expect(run(store, deliveryOf(order.id, { quantity: 4 }))).toEqual(mismatch);
    expect(eventIn(store)).toEqual(before);
    run(store, closeOf(order.id));
    const closed = { kind: "restock_order_closed", status: "cancelled" };
    expect(run(store, deliveryOf(order.id, { quantity: 4 }))).toEqual(closed);
    expect(eventIn(store)).toMatchObject({ capacity: before.capacity, available: before.available });
  });

  it("of another quantity is refused after the right one was taken, too", () => {
    const { store, order } = openShort();
    run(store, deliveryOf(order.id));
    expect(run(store, deliveryOf(order.id, { quantity: 4 })).kind).toBe("delivery_quantity_mismatch");
  });

  it("is refused when the capacity was raised meanwhile and cannot rise that far", () => {
    const { store, order } = openShort();
    run(store, change({ capacity: capacityMax - 4 }));
    expect(run(store, deliveryOf(order.id))).toEqual({ kind: "capacity_too_high", capacityMax });
    expect(eventIn(store).capacity).toBe(capacityMax - 4);
  });
});

describe("an order that comes to nothing", () => {
  it("holds the next one back until the stock has been at the threshold again", () => {
    const { store, order } = openShort();
    expect(run(store, closeOf(order.id, "given_up"))).toMatchObject({
      kind: "restock_changed",
      order: { status: "given_up", lastError: "Not needed.", closedAtMs: nowMs },
      event: { restockOrderId: null, restockHeldBack: true },
    });
    run(store, hold("bob"));
    expect(ordersOf(store)).toHaveLength(1);
    run(store, change({ capacity: 6 }));
    expect(eventIn(store)).toMatchObject({ available: 3, restockHeldBack: false });
    run(store, hold("cyd"));
    expect(ordersOf(store)).toHaveLength(2);
  });

  it("does not hold back an order of another rule", () => {
    const { store, order } = openShort();
    run(store, closeOf(order.id), change({ restock: { ...rule } }));
    expect(ordersOf(store)).toHaveLength(1);
    run(store, change({ restock: { ...rule, quantity: 6 } }));
    expect(ordersOf(store).map(({ quantity, status }) => [quantity, status])).toEqual([
      [5, "cancelled"],
      [6, "open"],
    ]);
  });

  it("is left as it ended when it is closed again, and cannot be closed once it was delivered", () => {
    const { store, order } = openShort();
    run(store, closeOf(order.id, "given_up"));
    expect(run(store, closeOf(order.id))).toMatchObject({ order: { status: "given_up" } });
    run(store, reopenOf(order.id), deliveryOf(order.id));
    const delivered = { kind: "restock_order_closed", status: "delivered" };
    expect(run(store, closeOf(order.id))).toEqual(delivered);
    expect(run(store, reopenOf(order.id))).toEqual(delivered);
  });

  it("that the supplier has taken is cancelled by people only", () => {
    const { store, order } = openShort();
    store.restockOrders.set(order.id, { ...order, status: "placed", placedAtMs: nowMs });
    expect(run(store, closeOf(order.id, "given_up"))).toMatchObject({ order: { status: "placed" } });
    expect(eventIn(store).restockOrderId).toBe(order.id);
    expect(run(store, closeOf(order.id))).toMatchObject({
      order: { status: "cancelled", placedAtMs: nowMs },
    });
  });

  it("can be tried again under its id, with a job of its own", () => {
    const { store, order } = openShort();
    run(store, closeOf(order.id));
    expect(store.jobs.size).toBe(0);
    expect(run(store, reopenOf(order.id))).toMatchObject({
      kind: "restock_changed",
      order: { ...order, status: "open", attempts: 0, lastError: null },
      event: { restockOrderId: order.id, restockHeldBack: false },
    });
    expect([...store.jobs.keys()]).toEqual([`place-restock-order ${order.id}`]);
    expect(run(store, reopenOf(order.id)).kind).toBe("restock_changed");
    expect(store.jobs.size).toBe(1);
  });

  it("is not tried again while another is under way", () => {
    const { store, order } = openShort();
    run(store, closeOf(order.id), change({ restock: { ...rule, quantity: 6 } }));
    const [, next] = ordersOf(store);
    expect(run(store, reopenOf(order.id))).toEqual({ kind: "restock_in_progress", restockOrderId: next?.id });
  });
});
