import { capacityMax, type Event } from "./event.ts";
import type {
  CloseRestockCommand,
  ReceiveDeliveryCommand,
  ReopenRestockCommand,
  RestockCommand,
  RestockOutcome,
} from "./restock-commands.ts";
import { isClosed, type RestockOrder } from "./restock-order.ts";
import type { StockBooks } from "./stock-books.ts";

/** Decides what becomes of a restock order. An event's order that is `open` or `placed` is the one that it names. */
export function decideRestock(books: StockBooks, command: RestockCommand): RestockOutcome {
  const event = books.event(command.eventId);
  const order = books.restocks.order(command.restockOrderId);
  if (event === undefined || order === undefined || order.eventId !== event.id)
    return { kind: "restock_order_not_found" };
  switch (command.kind) {
    case "receive_delivery":
      return decideReceiveDelivery(books, event, order, command);
    case "close_restock":
      return decideCloseRestock(books, event, order, command);
    case "reopen_restock":
      return decideReopenRestock(books, event, order, command);
  }
}

function decideReceiveDelivery(
  books: StockBooks,
  event: Event,
  order: RestockOrder,
  { quantity, reference, actor }: ReceiveDeliveryCommand,
): RestockOutcome {
  if (isClosed(order)) return { kind: "restock_order_closed", status: order.status };
  if (quantity !== order.quantity) return { kind: "delivery_quantity_mismatch", quantity: order.quantity };
  // Suppliers repeat themselves, since they cannot know what has arrived.
  if (order.status === "delivered") return nowIs(books, event, order);
  if (event.capacity + quantity > capacityMax) return { kind: "capacity_too_high", capacityMax };

  const reason = `Restock order ${order.id} was delivered: ${quantity} more.`;
  const terms = { capacity: event.capacity + quantity, available: event.available + quantity };
  const audit = { eventId: event.id, action: "restocked", actor, reason } as const;
  const changed = books.changeEvent(event, terms, audit);
  books.setRestock(changed, { restockOrderId: null, restockHeldBack: false });
  const delivered = books.restocks.update({
    ...order,
    status: "delivered",
    deliveredAtMs: books.nowMs,
    lastError: null,
    supplierReference: reference ?? order.supplierReference,
  });
  return nowIs(books, event, delivered);
}

function decideCloseRestock(
  books: StockBooks,
  event: Event,
  order: RestockOrder,
  { status, reason, actor }: CloseRestockCommand,
): RestockOutcome {
  if (order.status === "delivered") return { kind: "restock_order_closed", status: "delivered" };
  // What the supplier has taken may still arrive, so only a person can tell that it will not.
  const isLeftAlone = isClosed(order) || (status === "given_up" && order.status === "placed");
  if (isLeftAlone) return nowIs(books, event, order);

  books.audit({
    eventId: event.id,
    action: "changed",
    actor,
    reason: `Restock order ${order.id} ended: ${reason}`,
  });
  books.setRestock(event, { restockOrderId: null, restockHeldBack: true });
  // The job of an order that was given up stays to be seen.
  if (status === "cancelled") books.sales.finish("place-restock-order", order.id);
  const closed = books.restocks.update({ ...order, status, closedAtMs: books.nowMs, lastError: reason });
  return nowIs(books, event, closed);
}

function decideReopenRestock(
  books: StockBooks,
  event: Event,
  order: RestockOrder,
  { actor }: ReopenRestockCommand,
): RestockOutcome {
  if (order.status === "delivered") return { kind: "restock_order_closed", status: "delivered" };
  if (!isClosed(order)) return nowIs(books, event, order);
  if (event.restockOrderId !== null)
    return { kind: "restock_in_progress", restockOrderId: event.restockOrderId };
  if (event.capacity + order.quantity > capacityMax) return { kind: "capacity_too_high", capacityMax };

  books.audit({
    eventId: event.id,
    action: "changed",
    actor,
    reason: `Restock order ${order.id} is tried again.`,
  });
  books.setRestock(event, { restockOrderId: order.id, restockHeldBack: false });
  // The old job may still be there, given up, and would stand in the way of the new one.
  books.sales.finish("place-restock-order", order.id);
  books.sales.enqueue({ queue: "place-restock-order", id: order.id, startAfterSeconds: 0 });
  const fresh = { status: "open", attempts: 0, lastError: null, placedAtMs: null, closedAtMs: null } as const;
  return nowIs(books, event, books.restocks.update({ ...order, ...fresh }));
}

function nowIs(books: StockBooks, event: Event, order: RestockOrder): RestockOutcome {
  return { kind: "restock_changed", order, event: { ...(books.event(event.id) ?? event) } };
}
