import type { OrderRow, ReservationRow } from "./books.ts";
import { describe, tellRow } from "./check-acknowledged.ts";
import { seqsOf, userOf } from "./call.ts";
import { type JudgedRun, windowOf } from "./judged-run.ts";
import { isWithin } from "./window.ts";
import { pairName } from "./book-index.ts";

/**
 * `lost`, as far as it takes the whole history: no hold ends before its deadline unless somebody ended it; what a paid
 * order lists is sold; what was taken out of a cart is given back; and every change of an event's terms is in its audit.
 */
export function checkLost(run: JudgedRun): void {
  for (const row of run.books.reservations.values()) checkEarlyEnd(run, row);
  for (const order of run.books.orders.values()) checkPaid(run, order);
  checkRemovals(run);
  checkEventChanges(run);
}

function checkEarlyEnd(run: JudgedRun, row: ReservationRow): void {
  const { status, releasedAtMs, expiresAtMs, cartId, eventId, userId } = row;
  if (status !== "expired" || releasedAtMs === null || releasedAtMs >= expiresAtMs) return;
  // An order that was paid too late for one of its items lets go of the others too.
  const orders = cartId === null ? [] : (run.books.ordersOfCart.get(cartId) ?? []);
  if (orders.some((order) => order.status === "refunded" && order.settledAtMs === releasedAtMs)) return;
  const message = `${tellRow(row)} expired ${expiresAtMs - releasedAtMs} ms before its deadline.`;
  run.breaches.add("lost", message, { event: eventId, user: userId });
}

function checkPaid({ books, breaches }: JudgedRun, order: OrderRow): void {
  if (order.status !== "paid") return;
  for (const { eventId, reservationId, quantity } of order.items) {
    const row = books.reservations.get(reservationId);
    const isSold =
      row?.status === "confirmed" &&
      row.userId === order.userId &&
      row.eventId === eventId &&
      row.quantity === quantity;
    if (isSold) continue;
    const found = row === undefined ? "is not there" : `is ${row.status}`;
    const message = `Order ${order.id} is paid, but its reservation ${reservationId} ${found}.`;
    breaches.add("lost", message, { event: eventId, user: order.userId });
  }
}

function checkRemovals(run: JudgedRun): void {
  for (const call of run.calls.all) {
    const { f, settled, subject, event } = call;
    if (f !== "remove_item" || settled?.kind !== "ok" || subject === null) continue;
    const { fromMs } = windowOf(run, call);
    const toMs = run.time.latest(settled.atMs);
    const kept = (run.books.reservationsOfCart.get(subject) ?? []).find(
      ({ eventId, createdAtMs, releasedAtMs }) =>
        eventId === event && createdAtMs < fromMs && (releasedAtMs ?? Infinity) > toMs,
    );
    if (kept === undefined) continue;
    const message = `${describe(call)} was acknowledged, but ${tellRow(kept)} was not given back.`;
    run.breaches.add("lost", message, { seqs: seqsOf(call), event, user: userOf(call) });
  }
}

function checkEventChanges(run: JudgedRun): void {
  for (const call of run.calls.all) {
    const { f, settled, event, asked } = call;
    if (f !== "change_event" || settled?.kind !== "ok" || event === null || !asked.isTermsChange) continue;
    const window = windowOf(run, call);
    const audits = run.books.auditsOfEvent.get(event) ?? [];
    if (audits.some(({ action, atMs }) => action === "changed" && isWithin(window, atMs))) continue;
    const message = `${describe(call)} was acknowledged, but the event's audit does not know of it.`;
    run.breaches.add("lost", message, { seqs: seqsOf(call), event });
  }
}

/** Whether an item of a cart was sold to an order that was paid when its hold had ended already. */
export function isTakenAgain({ books }: Pick<JudgedRun, "books">, row: ReservationRow): boolean {
  if (row.cartId === null || row.createdAtMs !== row.confirmedAtMs) return false;
  const orders = books.ordersOfCart.get(row.cartId) ?? [];
  return orders.some(
    ({ settledAtMs, items }) =>
      settledAtMs === row.createdAtMs && items.some(({ reservationId }) => reservationId === row.id),
  );
}

/** The calls that put an event's tickets in a cart. */
export function putsOf({ calls }: Pick<JudgedRun, "calls">, cartId: string, eventId: string) {
  return calls.puts.get(pairName(cartId, eventId)) ?? [];
}
