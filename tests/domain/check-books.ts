import { expect } from "vitest";
import type { Order } from "../../api/domain/order.ts";
import { isOverdue, type Reservation } from "../../api/domain/reservation.ts";
import type { PlainProvider } from "./cart-scripts.ts";
import type { PlainStore } from "./plain-store.ts";

/** What must be true of all rows together after every transaction, told without asking how they came about. */
export function checkBooks(store: PlainStore, provider: PlainProvider, nowMs: number): void {
  checkStock(store);
  checkCarts(store, nowMs);
  for (const order of store.orders.values()) checkOrder(store, order, nowMs);
  checkOwners(store);
  checkMoney(store, provider);
  checkJobs(store);
}

function checkStock({ events, reservations }: PlainStore): void {
  for (const event of events.values()) {
    const rows = [...reservations.values()].filter(({ eventId }) => eventId === event.id);
    const sum = (status: string) =>
      rows.reduce((total, row) => total + (row.status === status ? row.quantity : 0), 0);
    expect(event).toMatchObject({ held: sum("held"), sold: sum("confirmed") });
    expect(event.available + event.held + event.sold).toBe(event.capacity);
    expect(Math.min(event.available, event.held, event.sold)).toBeGreaterThanOrEqual(0);
    const owners = rows.filter(isActive).map(({ userId }) => userId);
    expect(owners).toEqual([...new Set(owners)]);
  }
}

/** All that a cart holds is on its list, and ends at one moment. */
function checkCarts({ carts, orders, reservations }: PlainStore, nowMs: number): void {
  for (const cart of carts.values()) {
    const order = cart.orderId === null ? undefined : orders.get(cart.orderId);
    const end = order?.status === "pending" ? order.holdUntilMs : cart.expiresAtMs;
    const listed = new Map(cart.items.map((item) => [item.reservationId, item]));
    expect(new Set(cart.items.map(({ eventId }) => eventId)).size).toBe(cart.items.length);
    for (const row of reservations.values()) {
      if (row.cartId !== cart.id || row.status !== "held" || isOverdue(row, nowMs)) continue;
      expect(row).toMatchObject({ userId: cart.userId, expiresAtMs: end });
      expect(listed.get(row.id)).toMatchObject({ eventId: row.eventId, quantity: row.quantity });
    }
    const living = cart.items.filter(({ reservationId }) => {
      const row = reservations.get(reservationId);
      return row?.status === "held" && !isOverdue(row, nowMs);
    });
    expect(new Set(living.map(({ currency }) => currency)).size).toBeLessThanOrEqual(1);
    const live = [...orders.values()].filter(
      ({ cartId, status }) => cartId === cart.id && (status === "pending" || status === "paid"),
    );
    expect(live.length).toBeLessThanOrEqual(1);
  }
}

function checkOrder({ reservations }: PlainStore, order: Order, nowMs: number): void {
  const { cartId, userId, items, payment } = order;
  expect(items.length).toBeGreaterThan(0);
  expect(order.totalCents).toBe(items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0));
  // A card's token is not kept longer than it is needed.
  expect(payment.token === null).toBe(order.status !== "pending");
  expect(order.settledAtMs === null).toBe(order.status === "pending");
  expect(order.paidAtMs === null || order.status === "paid" || order.status === "refunded").toBe(true);
  for (const { reservationId, eventId, quantity } of items) {
    const row = reservations.get(reservationId);
    expect(row).toMatchObject({ eventId, userId, quantity, cartId });
    switch (order.status) {
      case "paid":
        expect(row?.status).toBe("confirmed");
        break;
      case "refunded":
        expect(["cancelled", "expired"]).toContain(row?.status);
        break;
      case "pending":
        // Kept for the buyer until the end of the grace, whatever happens.
        expect(row?.status === "held" || nowMs >= order.holdUntilMs).toBe(true);
        break;
      case "declined":
      case "cancelled":
        // It may be sold to a later order of the same cart; that is checked from the reservation's side.
        break;
    }
  }
}

/** Every sold ticket of a cart belongs to one paid order, and every order's owner is the cart's. */
function checkOwners({ orders, reservations }: PlainStore): void {
  const paid = [...orders.values()].filter(({ status }) => status === "paid");
  const sold = paid.flatMap(({ items }) => items.map(({ reservationId }) => reservationId)).sort();
  const confirmed = [...reservations.values()].filter(
    (row) => row.cartId !== null && row.status === "confirmed",
  );
  expect(sold).toEqual(confirmed.map(({ id }) => id).sort());
}

/** What was taken is either for tickets, or on its way back. */
function checkMoney({ orders }: PlainStore, { results }: PlainProvider): void {
  let [taken, kept, returned] = [0, 0, 0];
  for (const { id, status, totalCents, payment, settledAtMs } of orders.values()) {
    const isTaken = results.get(id)?.kind === "succeeded" && settledAtMs !== null;
    if (isTaken) taken += totalCents;
    if (status === "paid") kept += totalCents;
    if (payment.status === "refunding") returned += totalCents;
    if (isTaken) expect(["paid", "refunded"]).toContain(status);
  }
  expect(taken).toBe(kept + returned);
}

/** The store refuses a job that is there already, so each of these was asked for once. */
function checkJobs({ orders, jobs }: PlainStore): void {
  const expected = [...orders.values()].flatMap(({ id, status, paidAtMs, payment }) => [
    ...(status === "pending" ? [`settle-payment ${id}`] : []),
    ...(payment.status === "refunding" ? [`refund-payment ${id}`] : []),
    ...(paidAtMs === null ? [] : [`send-receipt ${id}`]),
    ...(status === "refunded" ? [`send-receipt ${id.replace("-7", "-8")}`] : []),
  ]);
  expect([...jobs.keys()].sort()).toEqual(expected.sort());
}

function isActive({ status }: Reservation): boolean {
  return status === "held" || status === "confirmed";
}
