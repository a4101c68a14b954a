import type { SalesRead } from "../domain/cart-books.ts";
import type { SettleOrderCommand, StockCommand } from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import { isOverdue, type Reservation } from "../domain/reservation.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import { reservationFromRow, selectEarliestHolds } from "../store/reservations.ts";

/** How many of an event's holds are looked at when its stock does not suffice. */
const earliestHoldsMax = 100;

/** What is known when it has to be told whose stock may not suffice. */
interface ReadSoFar {
  readonly events: ReadonlyMap<string, Event>;
  readonly reservations: readonly Reservation[];
  readonly sales: SalesRead | null;
  readonly nowMs: number;
}

/**
 * For each event that cannot serve everyone in this batch: its holds that end first. A selling event does not pay for
 * it.
 */
export async function readEarliestHolds(
  connection: DeskConnection,
  commands: readonly StockCommand[],
  read: ReadSoFar,
): Promise<Map<string, Reservation[]>> {
  const asked = new Map<string, number>();
  const ask = (eventId: string, quantity: number) => asked.set(eventId, (asked.get(eventId) ?? 0) + quantity);
  const settlements: SettleOrderCommand[] = [];
  for (const command of commands) {
    if (command.kind === "hold" || command.kind === "put_cart_item") ask(command.eventId, command.quantity);
    // A change may take any number of tickets away from those who ask after it.
    else if (command.kind === "change_event") ask(command.eventId, Infinity);
    else if (command.kind === "settle_order") settlements.push(command);
  }
  if (settlements.length > 0) askAgain(settlements, read, ask);
  const short = [...read.events.values()].filter(
    (event) => event.held > 0 && event.available < (asked.get(event.id) ?? 0),
  );
  const earliest = new Map<string, Reservation[]>();
  if (short.length === 0) return earliest;
  const shortIds = short.map((event) => event.id);
  for (const row of await connection.run(selectEarliestHolds(shortIds, earliestHoldsMax))) {
    const ofEvent = earliest.get(row.event_id) ?? [];
    ofEvent.push(reservationFromRow(row));
    earliest.set(row.event_id, ofEvent);
  }
  return earliest;
}

/** Payments that succeed late ask once more for the tickets that are not held any longer. */
function askAgain(
  settlements: readonly SettleOrderCommand[],
  { reservations, sales, nowMs }: ReadSoFar,
  ask: (eventId: string, quantity: number) => void,
): void {
  const orders = new Map(sales?.orders.map((order) => [order.id, order]));
  const holds = new Map(reservations.map((reservation) => [reservation.id, reservation]));
  for (const { orderId, result } of settlements) {
    const order = orders.get(orderId);
    if (order?.status !== "pending" || result.kind !== "succeeded") continue;
    for (const { eventId, reservationId, quantity } of order.items) {
      const hold = holds.get(reservationId);
      if (hold?.status !== "held" || isOverdue(hold, nowMs)) ask(eventId, quantity);
    }
  }
}
