import type { CartItem } from "./cart.ts";
import type { Event } from "./event.ts";
import type { StockBooks } from "./stock-books.ts";

/**
 * The events of items, each by its id.
 *
 * @param eventIds those that the command had locked. One that another command of the same transaction had locked does
 *   not count, so that the outcome never depends on the company in which a command is served
 * @returns null when one of them is missing: the items are not those that the command was made from
 */
export function findEvents(
  books: StockBooks,
  eventIds: readonly string[],
  items: readonly CartItem[],
): Map<string, Event> | null {
  const events = new Map<string, Event>();
  for (const { eventId } of items) {
    const event = eventIds.includes(eventId) ? books.event(eventId) : undefined;
    if (event === undefined) return null;
    events.set(eventId, event);
  }
  return events;
}
