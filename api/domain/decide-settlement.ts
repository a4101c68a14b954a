import type { CartItem } from "./cart.ts";
import type { SettleOrderCommand, StockOutcome } from "./commands.ts";
import { findOrder, giveMoneyBack, sendReceipt } from "./decide-order.ts";
import type { Event } from "./event.ts";
import { findEvents } from "./find-events.ts";
import { claimTickets, sellClaimed } from "./late-payment.ts";
import type { Order } from "./order.ts";
import { receiptJobId } from "./receipt-job.ts";
import { isOverdue, type MakeReservationId } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

/** Brings a pending order to its end. Whoever comes second finds it there, so asking again is harmless. */
export function decideSettleOrder(
  books: StockBooks,
  command: SettleOrderCommand,
  makeId: MakeReservationId,
): StockOutcome {
  const order = findOrder(books, command);
  if (order === null) return { kind: "order_not_found" };
  if (order.status !== "pending") return { kind: "order_settled", order };
  const events = findEvents(books, command.eventIds, order.items);
  if (events === null) return { kind: "cart_outdated" };

  books.sales.finish("settle-payment", order.id);
  const { result } = command;
  switch (result.kind) {
    case "succeeded":
      return { kind: "order_settled", order: settlePaid(books, order, result.reference, events, makeId) };
    case "declined":
      return { kind: "order_settled", order: settleUnpaid(books, order, "declined", result.reason) };
    case "never_charged":
      return { kind: "order_settled", order: settleUnpaid(books, order, "cancelled", null) };
  }
}

function settlePaid(
  books: StockBooks,
  order: Order,
  reference: string,
  events: ReadonlyMap<string, Event>,
  makeId: MakeReservationId,
): Order {
  const { nowMs } = books;
  const payment = { ...order.payment, status: "succeeded", reference, token: null } as const;
  const claimed = claimTickets(books, order, events);
  if (claimed === null) {
    endHolds(books, order);
    return giveMoneyBack(books, { ...order, payment, settledAtMs: nowMs });
  }
  const items = sellClaimed(books, order, claimed, makeId);
  renewCart(books, order, items);
  sendReceipt(books, receiptJobId(order.id, "paid"));
  const paid = { ...order, status: "paid", items, payment, settledAtMs: nowMs, paidAtMs: nowMs } as const;
  return books.sales.updateOrder(paid);
}

/** Nothing was charged: the holds go back under the cart's own deadline, so that the buyer can try again. */
function settleUnpaid(
  books: StockBooks,
  order: Order,
  status: "declined" | "cancelled",
  declineReason: string | null,
): Order {
  const deadlineMs = books.sales.cart(order.cartId)?.expiresAtMs ?? books.nowMs;
  for (const { reservationId } of order.items) {
    const hold = books.reservation(reservationId);
    if (hold?.status !== "held") continue;
    const moved = books.reschedule(hold, deadlineMs);
    if (isOverdue(moved, books.nowMs)) books.release(moved, "expired", "deadline_passed");
  }
  const paymentStatus = status === "declined" ? "declined" : "never_charged";
  const payment = { ...order.payment, status: paymentStatus, token: null, declineReason } as const;
  return books.sales.updateOrder({ ...order, status, payment, settledAtMs: books.nowMs });
}

/** Returns what the order still held: a part of what was asked for is of no use to the buyer. */
function endHolds(books: StockBooks, order: Order): void {
  for (const { reservationId } of order.items) {
    const hold = books.reservation(reservationId);
    if (hold?.status === "held") books.release(hold, "expired", "deadline_passed");
  }
}

/** Lets the cart's list name the reservations under which its items were sold. */
function renewCart(books: StockBooks, order: Order, sold: readonly CartItem[]): void {
  const cart = books.sales.cart(order.cartId);
  if (cart === undefined) throw new Error(`Cart ${order.cartId} of order ${order.id} was not read.`);
  const newIds = new Map(sold.map(({ eventId, reservationId }) => [eventId, reservationId]));
  const idOf = (item: CartItem) => newIds.get(item.eventId) ?? item.reservationId;
  if (cart.items.every((item) => idOf(item) === item.reservationId)) return;
  const items = cart.items.map((item) => ({ ...item, reservationId: idOf(item) }));
  books.sales.saveCart({ ...cart, items });
}
