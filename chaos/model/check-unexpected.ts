import { pairName } from "./book-index.ts";
import type { CartRow, CustomerRow, OrderRow, ReservationRow, RestockRow } from "./books.ts";
import type { Invariant } from "./verdict.ts";
import { type Call, mayHaveBeenDone, seqsOf, userOf } from "./call.ts";
import { nameCustomer } from "./call-ledger.ts";
import { describe, tellRow } from "./check-acknowledged.ts";
import { isTakenAgain, putsOf } from "./check-lost.ts";
import { findUnexplained, type Unexplained } from "./explain-rows.ts";
import { type JudgedRun, windowOf } from "./judged-run.ts";
import { isWithin } from "./window.ts";

/**
 * `unexpected`: everything in the books was asked for, in the time in which it was made. A row for which there is only a
 * refusal breaks `refusal_without_effect` instead, and one beside that which its only call was told of, `one_effect`.
 *
 * - A reservation by itself needs a hold of its event and user; one of a cart, that an item was put there, or an order
 *   that was paid late. What is confirmed needs a confirmation or a paid order; what is cancelled, whoever cancelled it.
 * - A cart needs an item that was put in it, an order a checkout of its cart, a customer a sign-up, a charge its order.
 * - A delivered restock order needs a delivery, unless its supplier is the built-in one, which delivers by itself.
 */
export function checkUnexpected(run: JudgedRun): void {
  const { books } = run;
  const holds = Map.groupBy(
    [...books.reservations.values()].filter(({ cartId }) => cartId === null),
    ({ eventId, userId }) => pairName(eventId, userId),
  );
  for (const [pair, rows] of holds) {
    for (const each of findUnexplained(run, rows, run.calls.holds.get(pair) ?? []))
      tellReservation(run, each);
  }
  for (const row of books.reservations.values()) {
    if (row.cartId !== null) checkItem(run, row, row.cartId);
    checkConfirmed(run, row);
    checkCancelled(run, row);
  }
  for (const cart of books.carts.values()) checkCart(run, cart);
  checkOrders(run);
  checkCustomers(run);
  for (const restock of books.restocks.values()) checkDelivery(run, restock);
}

const invariantFor: Readonly<Record<Unexplained<unknown>["because"], Invariant>> = {
  nobody: "unexpected",
  refused: "refusal_without_effect",
  again: "one_effect",
};

function tell(
  { breaches }: JudgedRun,
  what: string,
  { because, call }: Pick<Unexplained<unknown>, "because" | "call">,
  place: { readonly event?: string | null; readonly user?: string | null },
): void {
  const words: Readonly<Record<typeof because, string>> = {
    nobody: `${what}, which nobody asked for.`,
    refused: `${what}, but ${call === null ? "it" : describe(call)} was refused: ${call?.settled?.code}.`,
    again: `${what} besides what ${call === null ? "its call" : describe(call)} was told of.`,
  };
  breaches.add(invariantFor[because], words[because], { ...place, seqs: call === null ? [] : seqsOf(call) });
}

function tellReservation(run: JudgedRun, each: Unexplained<ReservationRow>): void {
  const { eventId: event, userId: user } = each.row;
  tell(run, `The books have ${tellRow(each.row)}`, each, { event, user });
}

function checkItem(run: JudgedRun, row: ReservationRow, cartId: string): void {
  if (isTakenAgain(run, row)) return;
  const during = putsOf(run, cartId, row.eventId).filter(
    (call) => userOf(call) === row.userId && isWithin(windowOf(run, call), row.createdAtMs),
  );
  const isAsked = during.some((call) => mayHaveBeenDone(call) && call.asked.quantity === row.quantity);
  if (isAsked) return;
  const refused = during.find(({ settled }) => settled?.kind === "fail") ?? null;
  tellReservation(run, { row, because: refused === null ? "nobody" : "refused", call: refused });
}

function checkConfirmed(run: JudgedRun, row: ReservationRow): void {
  const { confirmedAtMs, cartId, id } = row;
  if (confirmedAtMs === null) return;
  const place = { event: row.eventId, user: row.userId };
  if (cartId === null) {
    checkDone(run, "confirm", row, confirmedAtMs, run.calls.changes.get(id) ?? []);
    return;
  }
  const isSold = (run.books.ordersOfCart.get(cartId) ?? []).some(
    ({ items, paidAtMs }) =>
      paidAtMs === confirmedAtMs && items.some(({ reservationId }) => reservationId === id),
  );
  if (!isSold)
    tell(
      run,
      `The books have ${tellRow(row)} sold without an order`,
      { because: "nobody", call: null },
      place,
    );
}

function checkCancelled(run: JudgedRun, row: ReservationRow): void {
  const { status, releasedAtMs, cartId, id } = row;
  if (status !== "cancelled" || releasedAtMs === null) return;
  if (cartId === null) {
    checkDone(run, "cancel", row, releasedAtMs, run.calls.changes.get(id) ?? []);
    return;
  }
  const orders = (run.books.ordersOfCart.get(cartId) ?? []).filter(({ items }) =>
    items.some(({ reservationId }) => reservationId === id),
  );
  const pair = pairName(cartId, row.eventId);
  const calls = [
    ...(run.calls.removals.get(pair) ?? []),
    ...(run.calls.puts.get(pair) ?? []),
    ...orders.flatMap((order) => run.calls.refunds.get(order.id) ?? []),
  ];
  checkDone(run, null, row, releasedAtMs, calls);
}

/** What was done to a reservation must have been asked for. @param f null for whatever the calls are */
function checkDone(
  run: JudgedRun,
  f: "confirm" | "cancel" | null,
  row: ReservationRow,
  atMs: number,
  calls: readonly Call[],
): void {
  const during = calls.filter((call) => (f === null || call.f === f) && isWithin(windowOf(run, call), atMs));
  if (during.some(mayHaveBeenDone)) return;
  const [refused = null] = during;
  const what = `The books have ${tellRow(row)} as ${f === "confirm" ? "confirmed" : "cancelled"}`;
  tell(
    run,
    what,
    { because: refused === null ? "nobody" : "refused", call: refused },
    {
      event: row.eventId,
      user: row.userId,
    },
  );
}

function checkCart(run: JudgedRun, { id, userId }: CartRow): void {
  const puts = run.calls.putsOfCart.get(id) ?? [];
  if (puts.some(mayHaveBeenDone)) return;
  const [refused = null] = puts;
  tell(
    run,
    `The books have cart ${id} of ${userId}`,
    { because: refused === null ? "nobody" : "refused", call: refused },
    {
      user: userId,
    },
  );
}

function checkOrders(run: JudgedRun): void {
  const { books, calls } = run;
  for (const [cartId, orders] of books.ordersOfCart) {
    for (const each of findUnexplained<OrderRow>(run, orders, calls.checkOuts.get(cartId) ?? []))
      tell(run, `The books have order ${each.row.id} of cart ${cartId}`, each, { user: each.row.userId });
  }
  for (const { key } of books.payments.values()) {
    if (!books.orders.has(key))
      tell(run, `The provider's books have a charge for order ${key}`, { because: "nobody", call: null }, {});
  }
}

function checkCustomers(run: JudgedRun): void {
  const sameOnes = Map.groupBy(run.books.customers.values(), nameCustomer);
  for (const [identity, customers] of sameOnes) {
    for (const each of findUnexplained<CustomerRow>(run, customers, run.calls.signUps.get(identity) ?? []))
      tell(run, `The books have customer ${each.row.id}`, each, { user: each.row.id });
  }
}

function checkDelivery(run: JudgedRun, { id, eventId, supplierUrl, deliveredAtMs }: RestockRow): void {
  if (deliveredAtMs === null || supplierUrl === "demo:") return;
  const during = (run.calls.deliveries.get(id) ?? []).filter((call) =>
    isWithin(windowOf(run, call), deliveredAtMs),
  );
  if (during.some(mayHaveBeenDone)) return;
  const [refused = null] = during;
  tell(
    run,
    `The books have restock order ${id} as delivered`,
    {
      because: refused === null ? "nobody" : "refused",
      call: refused,
    },
    { event: eventId },
  );
}
