import type { Cart } from "../../api/domain/cart.ts";
import type { Order } from "../../api/domain/order.ts";
import { isOverdue, type Reservation } from "../../api/domain/reservation.ts";
import type { PlainProvider } from "./cart-scripts.ts";
import type { PlainStore } from "./plain-store.ts";

/**
 * What must be true of all rows together after every transaction, told without asking how they came about.
 *
 * @throws with the rule that is broken; plainly, since it is asked a hundred thousand times
 */
export function checkBooks(store: PlainStore, provider: PlainProvider, nowMs: number): void {
  checkStock(store);
  for (const cart of store.carts.values()) checkCart(store, cart, nowMs);
  for (const order of store.orders.values()) checkOrder(store, order, nowMs);
  checkOwners(store);
  checkMoney(store, provider);
  checkJobs(store);
}

function checkStock({ events, reservations }: PlainStore): void {
  for (const { id, capacity, available, held, sold } of events.values()) {
    const rows = [...reservations.values()].filter(({ eventId }) => eventId === id);
    const sum = (status: string) =>
      rows.reduce((total, row) => total + (row.status === status ? row.quantity : 0), 0);
    insist(held === sum("held") && sold === sum("confirmed"), `${id} counts what is reserved`);
    insist(available + held + sold === capacity, `${id} loses and makes no ticket`);
    insist(Math.min(available, held, sold) >= 0, `${id} has no negative count`);
    insist(
      areDistinct(rows.filter(isActive).map(({ userId }) => userId)),
      `${id} has one active for each user`,
    );
    const phones = rows.filter(isActive).flatMap(({ verifiedPhone }) => verifiedPhone ?? []);
    insist(areDistinct(phones), `${id} has one active for each phone`);
  }
}

/** All that a cart holds is on its list, and ends at one moment. */
function checkCart({ orders, reservations }: PlainStore, cart: Cart, nowMs: number): void {
  const { id, items, userId } = cart;
  const order = cart.orderId === null ? undefined : orders.get(cart.orderId);
  const end = order?.status === "pending" ? order.holdUntilMs : cart.expiresAtMs;
  insist(areDistinct(items.map(({ eventId }) => eventId)), `${id} lists each event once`);
  for (const row of reservations.values()) {
    if (row.cartId !== id || row.status !== "held" || isOverdue(row, nowMs)) continue;
    insist(
      row.expiresAtMs === end && row.userId === userId,
      `${row.id} ends with its cart, and is its user's`,
    );
    const item = items.find(({ reservationId }) => reservationId === row.id);
    insist(
      item?.eventId === row.eventId && item.quantity === row.quantity,
      `${row.id} is on its cart's list`,
    );
  }
  const living = items.filter(({ reservationId }) => {
    const row = reservations.get(reservationId);
    return row?.status === "held" && !isOverdue(row, nowMs);
  });
  insist(new Set(living.map(({ currency }) => currency)).size <= 1, `${id} has one currency`);
  const live = [...orders.values()].filter(
    ({ cartId, status }) => cartId === id && (status === "pending" || status === "paid"),
  );
  insist(live.length <= 1, `${id} is sold once`);
}

function checkOrder({ reservations }: PlainStore, order: Order, nowMs: number): void {
  const { id, items, payment, status, totalCents } = order;
  const total = items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0);
  insist(items.length > 0 && totalCents === total, `${id} costs what its items cost`);
  insist((payment.token === null) === (status !== "pending"), `${id} keeps no card longer than it is needed`);
  insist((order.settledAtMs === null) === (status === "pending"), `${id} is settled unless it is pending`);
  const mayBePaid = status === "paid" || status === "refunded";
  insist(order.paidAtMs === null || mayBePaid, `${id} was paid only if it ended so`);
  for (const item of items) {
    const row = reservations.get(item.reservationId);
    if (row === undefined)
      throw new Error(`${id} has a reservation ${item.reservationId} that is not there.`);
    const isItem = row.eventId === item.eventId && row.quantity === item.quantity;
    insist(
      isItem && row.userId === order.userId && row.cartId === order.cartId,
      `${row.id} is an item of ${id}`,
    );
    insist(mayBeIn(row, order, nowMs), `${row.id} is ${row.status}, as fits ${id} that is ${status}`);
  }
}

function mayBeIn({ status }: Reservation, order: Order, nowMs: number): boolean {
  switch (order.status) {
    case "paid":
      return status === "confirmed";
    case "refunded":
      return status === "cancelled" || status === "expired";
    case "pending":
      // Kept for the buyer until the end of the grace, whatever happens.
      return status === "held" || nowMs >= order.holdUntilMs;
    case "declined":
    case "cancelled":
      // It may be held by the cart and sold to a later order of it; that is checked from the reservation's side.
      return true;
  }
}

/** Every sold ticket of a cart belongs to one paid order, and the other way round. */
function checkOwners({ orders, reservations }: PlainStore): void {
  const paid = [...orders.values()].filter(({ status }) => status === "paid");
  const sold = paid.flatMap(({ items }) => items.map(({ reservationId }) => reservationId));
  const confirmed = [...reservations.values()].filter(
    (row) => row.cartId !== null && row.status === "confirmed",
  );
  insist(
    areSame(
      sold,
      confirmed.map(({ id }) => id),
    ),
    "each sold ticket has one paid order",
  );
}

/** What was taken is either for tickets, or on its way back. */
function checkMoney({ orders }: PlainStore, { results }: PlainProvider): void {
  let [taken, kept, returned] = [0, 0, 0];
  for (const { id, status, totalCents, payment, settledAtMs } of orders.values()) {
    if (results.get(id)?.kind === "succeeded" && settledAtMs !== null) taken += totalCents;
    if (status === "paid") kept += totalCents;
    if (payment.status === "refunding") returned += totalCents;
  }
  insist(taken === kept + returned, `of ${taken} that were taken, ${kept} are kept and ${returned} go back`);
}

/** The store refuses a job that is there already, so each of these was asked for once. */
function checkJobs({ orders, jobs }: PlainStore): void {
  const due = [...orders.values()].flatMap(({ id, status, paidAtMs, payment }) => [
    ...(status === "pending" ? [`settle-payment ${id}`] : []),
    ...(payment.status === "refunding" ? [`refund-payment ${id}`] : []),
    ...(paidAtMs === null ? [] : [`send-receipt ${id}`]),
    ...(status === "refunded" ? [`send-receipt ${id.replace("-7", "-8")}`] : []),
  ]);
  insist(areSame([...jobs.keys()], due), `the jobs are ${due.join(", ")}`);
}

function insist(isTrue: boolean, rule: string): void {
  if (!isTrue) throw new Error(`Broken: ${rule}.`);
}

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

function areSame(left: readonly string[], right: readonly string[]): boolean {
  return left.toSorted().join() === right.toSorted().join();
}

function isActive({ status }: Reservation): boolean {
  return status === "held" || status === "confirmed";
}
