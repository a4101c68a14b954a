import type { CartItem } from "../domain/cart.ts";
import type { SalesRead } from "../domain/cart-books.ts";
import type { StockCommand } from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import { isOverdue, type Reservation } from "../domain/reservation.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import { reservationFromRow, selectEarliestHolds } from "../store/reservations.ts";
import type { RowsOf } from "./read-sales.ts";

/** How many of an event's holds are looked at when its stock does not suffice. */
const earliestHoldsMax = 100;

/** What is known when it has to be told what else is needed. */
export interface ReadSoFar {
  readonly events: ReadonlyMap<string, Event>;
  readonly reservations: readonly Reservation[];
  readonly sales: SalesRead | null;
  readonly nowMs: number;
}

/** The events that cannot serve everyone in this batch, though tickets of theirs are held. */
export function findShortEvents(commands: readonly StockCommand[], read: ReadSoFar): string[] {
  const asked = new Map<string, number>();
  const ask = (eventId: string, quantity: number) => asked.set(eventId, (asked.get(eventId) ?? 0) + quantity);
  for (const command of commands) {
    if (command.kind === "hold" || command.kind === "put_cart_item") ask(command.eventId, command.quantity);
    // A change may take any number of tickets away from those who ask after it.
    else if (command.kind === "change_event") ask(command.eventId, Infinity);
  }
  for (const { item } of findLateItems(commands, read)) ask(item.eventId, item.quantity);
  const short = [...read.events.values()].filter(
    (event) => event.held > 0 && event.available < (asked.get(event.id) ?? 0),
  );
  return short.map((event) => event.id);
}

/** Asks for those holds of short events that end first. A selling event does not pay for it. */
export function sendEarliestHolds(
  connection: DeskConnection,
  eventIds: readonly string[],
): RowsOf<typeof selectEarliestHolds> | Promise<RowsOf<typeof selectEarliestHolds>> {
  return eventIds.length === 0 ? [] : connection.run(selectEarliestHolds(eventIds, earliestHoldsMax));
}

/** The holds of each event, as they were answered. */
export function earliestHoldsFromRows(rows: RowsOf<typeof selectEarliestHolds>): Map<string, Reservation[]> {
  const earliest = new Map<string, Reservation[]>();
  for (const row of rows) {
    const ofEvent = earliest.get(row.event_id) ?? [];
    ofEvent.push(reservationFromRow(row));
    earliest.set(row.event_id, ofEvent);
  }
  return earliest;
}

/** The items whose payments succeed late, so that their tickets are asked for once more, with the holds they had. */
export function findLateItems(
  commands: readonly StockCommand[],
  { reservations, sales, nowMs }: ReadSoFar,
): { readonly item: CartItem; readonly hold: Reservation | null }[] {
  const settlements = commands.filter((command) => command.kind === "settle_order");
  if (settlements.length === 0) return [];
  const orders = new Map(sales?.orders.map((order) => [order.id, order]));
  const holds = new Map(reservations.map((reservation) => [reservation.id, reservation]));
  return settlements.flatMap(({ orderId, result }) => {
    const order = orders.get(orderId);
    if (order?.status !== "pending" || result.kind !== "succeeded") return [];
    return order.items.flatMap((item) => {
      const hold = holds.get(item.reservationId) ?? null;
      return hold?.status === "held" && !isOverdue(hold, nowMs) ? [] : [{ item, hold }];
    });
  });
}
