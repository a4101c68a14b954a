import type { Cart, CartItem } from "./cart.ts";
import type { BeginCheckoutCommand, RefundOrderCommand, StockOutcome } from "./commands.ts";
import { findCart, refuseWhileOrdered } from "./decide-cart.ts";
import { findEvents } from "./find-events.ts";
import { holdUntilMs } from "./late-payment.ts";
import type { Order } from "./order.ts";
import { receiptJobId } from "./receipt-job.ts";
import type { StockBooks } from "./stock-books.ts";
import { type HeldItem, heldItems } from "./view-cart.ts";

/** How long the request that began an order is left alone with it before a job asks what came of the payment. */
const settleAfterSeconds = 10;

/** Makes an order of what a cart holds. Items that have expired are left behind, as the cart's total told. */
export function decideBeginCheckout(books: StockBooks, command: BeginCheckoutCommand): StockOutcome {
  const cart = findCart(books, command);
  if (cart === null) return { kind: "cart_not_found" };
  const refusal = refuseWhileOrdered(books, cart);
  if (refusal !== null) return refusal;
  if (cart.items.length === 0) return { kind: "cart_empty" };
  const { nowMs } = books;
  const held = heldItems(books, cart);
  const [first] = held;
  const expiresAtMs = cart.expiresAtMs ?? nowMs;
  if (nowMs >= expiresAtMs || first === undefined) {
    return { kind: "cart_expired", expiredAtMs: Math.min(expiresAtMs, nowMs) };
  }
  const items = held.map(({ item }) => item);
  if (findEvents(books, command.eventIds, items) === null) return { kind: "cart_outdated" };

  if (totalOf(items) > 0 && !command.isProviderAvailable) return { kind: "provider_not_available" };
  const order = pendingOrder(command, cart, items, {
    currency: first.item.currency,
    holdUntilMs: holdUntilMs(expiresAtMs, nowMs, command.graceMs),
    createdAtMs: nowMs,
  });
  books.sales.saveCart({ ...cart, orderId: order.id });
  if (order.totalCents === 0) return giveAway(books, order, held);
  for (const { hold } of held) books.reschedule(hold, order.holdUntilMs);
  // Written with the order, so that somebody finds out about the payment even if this process does not live to ask.
  books.sales.enqueue({ queue: "settle-payment", id: order.id, startAfterSeconds: settleAfterSeconds });
  return { kind: "order_begun", order: books.sales.insertOrder(order) };
}

/** Takes a paid order back. Its tickets return to the stock even of an event whose sales are over. */
export function decideRefundOrder(books: StockBooks, command: RefundOrderCommand): StockOutcome {
  const order = findOrder(books, command);
  if (order === null) return { kind: "order_not_found" };
  if (order.status === "refunded") return { kind: "order_settled", order };
  if (order.status !== "paid") return { kind: "order_not_paid", status: order.status };
  if (findEvents(books, command.eventIds, order.items) === null) return { kind: "cart_outdated" };

  for (const { reservationId } of order.items) {
    const sold = books.reservation(reservationId);
    if (sold?.status === "confirmed") books.release(sold, "cancelled", "cancelled_by_service");
  }
  return { kind: "order_settled", order: giveMoneyBack(books, order) };
}

/** The order if it is of that cart, whose lock protects it. */
export function findOrder(
  books: StockBooks,
  { orderId, cartId }: { readonly orderId: string; readonly cartId: string },
): Order | null {
  const order = books.sales.order(orderId);
  return order?.cartId === cartId ? order : null;
}

/** Ends an order with a refund, by a job that does not rest until the provider took it, and tells the buyer. */
export function giveMoneyBack(books: StockBooks, order: Order): Order {
  const { id, totalCents, payment } = order;
  if (totalCents > 0) books.sales.enqueue({ queue: "refund-payment", id, startAfterSeconds: 0 });
  sendReceipt(books, receiptJobId(id, "refunded"));
  const status = totalCents > 0 ? "refunding" : "none";
  return books.sales.updateOrder({ ...order, status: "refunded", payment: { ...payment, status } });
}

/** Lets the buyer know, by a job. */
export function sendReceipt(books: StockBooks, jobId: string): void {
  books.sales.enqueue({ queue: "send-receipt", id: jobId, startAfterSeconds: 0 });
}

function pendingOrder(
  command: BeginCheckoutCommand,
  cart: Cart,
  items: readonly CartItem[],
  given: Pick<Order, "currency" | "holdUntilMs" | "createdAtMs">,
): Order {
  const { orderId, email, provider, token, keyDigest } = command;
  return {
    id: orderId,
    cartId: cart.id,
    userId: cart.userId,
    email,
    status: "pending",
    totalCents: totalOf(items),
    items,
    payment: { provider, status: "processing", token, reference: null, declineReason: null },
    keyDigest: keyDigest ?? null,
    settledAtMs: null,
    paidAtMs: null,
    refundedAtMs: null,
    receiptSentAtMs: null,
    ...given,
  };
}

function totalOf(items: readonly CartItem[]): number {
  return items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
}

/** Nothing is to be paid, so the order is at its end as soon as it begins. */
function giveAway(books: StockBooks, order: Order, held: readonly HeldItem[]): StockOutcome {
  for (const { hold } of held) books.confirm(hold);
  sendReceipt(books, receiptJobId(order.id, "paid"));
  const { nowMs } = books;
  const paid = books.sales.insertOrder({
    ...order,
    status: "paid",
    payment: { ...order.payment, status: "none", token: null },
    settledAtMs: nowMs,
    paidAtMs: nowMs,
  });
  return { kind: "order_settled", order: paid };
}
