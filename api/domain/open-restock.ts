import { eventIdsOf, type EventChange, type StockCommand } from "./commands.ts";
import { capacityMax, type Event, type Restock } from "./event.ts";
import type { MakeReservationId } from "./reservation.ts";
import { newRestockOrder } from "./restock-order.ts";
import type { StockBooks } from "./stock-books.ts";

/**
 * Opens a restock order for each event of a command whose free stock is under its threshold, in the same transaction. An
 * event without a rule costs no more than the look at it.
 */
export function openDueRestocks(books: StockBooks, command: StockCommand, makeId: MakeReservationId): void {
  for (const eventId of eventIdsOf(command)) {
    const event = books.event(eventId);
    if (event === undefined || event.restock === null) continue;
    followRule(books, event, event.restock, makeId);
  }
}

/** Whether an event's rule asks for an order now. @param nowMs database time */
export function isRestockDue(event: Event, nowMs: number): boolean {
  if (event.restock === null || event.restockOrderId !== null || event.restockHeldBack) return false;
  const isOver = event.salesEndAtMs !== null && nowMs >= event.salesEndAtMs;
  const hasRoom = event.capacity + event.restock.quantity <= capacityMax;
  return event.available < event.restock.threshold && !isOver && hasRoom;
}

/** Another rule gets its own try, whatever came of the last order. @param change of the event's terms, not yet made */
export function forgetFailureOfOldRule(books: StockBooks, event: Event, { restock }: EventChange): void {
  if (!event.restockHeldBack || restock === undefined || isSameRule(restock, event.restock)) return;
  books.setRestock(event, { restockOrderId: event.restockOrderId, restockHeldBack: false });
}

function followRule(books: StockBooks, event: Event, restock: Restock, makeId: MakeReservationId): void {
  if (event.restockHeldBack && event.available >= restock.threshold) {
    books.setRestock(event, { restockOrderId: event.restockOrderId, restockHeldBack: false });
    return;
  }
  if (!isRestockDue(event, books.nowMs)) return;
  const { id } = books.restocks.insert(
    newRestockOrder({
      id: makeId(event.number, books.nowMs),
      eventId: event.id,
      quantity: restock.quantity,
      supplierUrl: restock.supplierUrl,
      createdAtMs: books.nowMs,
    }),
  );
  books.setRestock(event, { restockOrderId: id, restockHeldBack: false });
  books.sales.enqueue({ queue: "place-restock-order", id, startAfterSeconds: 0 });
}

function isSameRule(one: Restock | null, other: Restock | null): boolean {
  if (one === null || other === null) return one === other;
  const isSameOrder = one.quantity === other.quantity && one.supplierUrl === other.supplierUrl;
  return isSameOrder && one.threshold === other.threshold;
}
