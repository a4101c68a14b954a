import type { OrderRow, PaymentRow } from "./books.ts";
import { type Call, isInDoubt, mayHaveBeenDone, seqsOf, userOf } from "./call.ts";
import { describe, tellRow } from "./check-acknowledged.ts";
import { isTakenAgain, putsOf } from "./check-lost.ts";
import { type JudgedRun, windowOf } from "./judged-run.ts";
import { isWithin } from "./window.ts";

/**
 * `one_effect`, besides that repetitions are answered with the same bytes (judged while the history is read) and that no
 * call made two rows (`checkUnexpected`):
 *
 * - nothing that was made is acknowledged to two calls, or to one that began when it was there already;
 * - a hold is extended, and a cart's item made anew, no more often than was asked for; and no more codes count as wrong
 *   than were tried;
 * - a delivery raises the capacity once: what an event had at first and all that was added make what it has;
 * - a cart has at most one order that is pending or paid; and a card was charged for a paid order, for that alone, and
 *   once; what was charged for a refunded one goes back whole.
 */
export function checkOneEffect(run: JudgedRun): void {
  checkOwners(run);
  checkExtensions(run);
  checkItems(run);
  checkGuesses(run);
  for (const [cartId, orders] of run.books.ordersOfCart) {
    const live = orders.filter(({ status }) => status === "pending" || status === "paid");
    if (live.length <= 1) continue;
    const message = `Cart ${cartId} has ${live.length} orders that are pending or paid.`;
    run.breaches.add("one_effect", message, { user: orders[0]?.userId ?? null });
  }
  for (const books of run.books.all)
    for (const order of books.orders) checkCharge(run, order, books.readAtMs);
}

/** What each of these makes is nobody else's. */
function checkOwners(run: JudgedRun): void {
  const { books } = run;
  const createdAtMs = (call: Call, id: string) => {
    if (call.f === "hold") return books.reservations.get(id)?.createdAtMs;
    return call.f === "check_out" ? books.orders.get(id)?.createdAtMs : books.customers.get(id)?.createdAtMs;
  };
  const owners = new Map<string, Call>();
  for (const call of run.calls.all) {
    const { f, settled, asked } = call;
    if (settled?.kind !== "ok" || settled.named === null) continue;
    if (f !== "hold" && f !== "check_out" && f !== "sign_up") continue;
    const owner = owners.get(settled.named);
    owners.set(settled.named, owner ?? call);
    const place = { event: call.event, user: userOf(call), seqs: seqsOf(call) };
    if (owner !== undefined) {
      // A sign-up stands for its request id.
      if (f === "sign_up" && owner.asked.requestId === asked.requestId) continue;
      const message = `${settled.named} was acknowledged to ${describe(owner)} and to ${describe(call)}.`;
      run.breaches.add("one_effect", message, { ...place, seqs: [...seqsOf(owner), ...seqsOf(call)] });
      continue;
    }
    const madeAtMs = createdAtMs(call, settled.named);
    if (madeAtMs === undefined || isWithin(windowOf(run, call), madeAtMs)) continue;
    const message = `${describe(call)} was told of ${settled.named}, which was made at another time.`;
    run.breaches.add("one_effect", message, place);
  }
}

function checkExtensions(run: JudgedRun): void {
  for (const row of run.books.reservations.values()) {
    if (row.cartId !== null) continue;
    const calls = (run.calls.changes.get(row.id) ?? []).filter(({ f }) => f === "extend");
    const least = calls.filter(({ settled }) => settled?.kind === "ok").length;
    const most = calls.filter(mayHaveBeenDone).length;
    const count = row.extendedAtMs.length;
    if (count >= least && count <= most) continue;
    const message = `${tellRow(row)} was extended ${count} times; ${least} extensions were acknowledged.`;
    const place = { event: row.eventId, user: row.userId, seqs: calls.flatMap(seqsOf) };
    run.breaches.add(count < least ? "lost" : "one_effect", message, place);
  }
}

function checkItems(run: JudgedRun): void {
  for (const [cartId, rows] of run.books.reservationsOfCart) {
    const made = rows.filter((row) => !isTakenAgain(run, row));
    for (const [eventId, ofEvent] of Map.groupBy(made, (row) => row.eventId)) {
      const puts = putsOf(run, cartId, eventId);
      const most = puts
        .filter(mayHaveBeenDone)
        .reduce((sum, call) => sum + (isInDoubt(call) ? call.attempts : 1), 0);
      // That nobody asked at all is told as unexpected.
      if (ofEvent.length <= most || most === 0) continue;
      const message = `Cart ${cartId} has had ${ofEvent.length} holds of event ${eventId}, asked for ${most} times.`;
      const place = { event: eventId, user: ofEvent[0]?.userId ?? null, seqs: puts.flatMap(seqsOf) };
      run.breaches.add("one_effect", message, place);
    }
  }
}

function checkGuesses(run: JudgedRun): void {
  for (const [customerId, codes] of run.books.verificationsOf) {
    const calls = run.calls.attempts.get(customerId) ?? [];
    const counted = codes.reduce((sum, { wrongAttempts }) => sum + wrongAttempts, 0);
    const least = calls.filter(({ settled }) => settled?.result === "incorrect").length;
    const most = calls.reduce((sum, call) => sum + (call.key === null ? call.attempts : 1), 0);
    if (counted >= least && counted <= most) continue;
    const message = `Customer ${customerId} has ${counted} wrong codes; ${least} were told so, and ${most} were tried.`;
    const place = { user: customerId, seqs: calls.flatMap(seqsOf) };
    run.breaches.add(counted < least ? "lost" : "one_effect", message, place);
  }
}

function checkCharge(run: JudgedRun, order: OrderRow, readAtMs: number): void {
  if (order.totalCents === 0 || order.paymentProvider !== "demo") return;
  const charge = run.books.payments.get(order.id);
  const fault = faultOfCharge(order, charge, readAtMs);
  if (fault === null) return;
  const message = `Order ${order.id} is ${order.status} (${order.paymentStatus}), but ${fault}.`;
  run.breaches.add("one_effect", message, { user: order.userId, event: order.items[0]?.eventId ?? null });
}

function faultOfCharge(order: OrderRow, charge: PaymentRow | undefined, readAtMs: number): string | null {
  const isCharged =
    charge?.status === "succeeded" ||
    (charge?.status === "processing" && (charge.succeedsAtMs ?? Infinity) <= readAtMs);
  if (charge !== undefined && charge.amountCents !== order.totalCents)
    return `${charge.amountCents} cents were charged instead of ${order.totalCents}`;
  const refunded = charge?.refundedCents ?? 0;
  switch (order.status) {
    case "pending":
      return refunded === 0 ? null : "its money was given back";
    case "paid":
      if (!isCharged) return "nothing was charged";
      return refunded === 0 ? null : `${refunded} cents were given back`;
    case "declined":
    case "cancelled":
      return isCharged ? "the card was charged" : null;
    case "refunded":
      if (!isCharged) return "nothing was charged";
      if (order.paymentStatus === "refunding") return null;
      return refunded === order.totalCents ? null : `${refunded} cents were given back`;
  }
}
