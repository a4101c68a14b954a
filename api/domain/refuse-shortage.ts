import type { HoldRefusal } from "./commands.ts";
import type { Event } from "./event.ts";
import { refuseByStock } from "./refuse-hold.ts";
import type { StockBooks } from "./stock-books.ts";

/**
 * Makes sure that tickets are free, if need be by ending overdue holds that nobody has swept yet.
 *
 * @param given an event of the books, as it was before anything was tidied
 * @param ownQuantity how many tickets the asker holds and gives back for the new ones
 * @returns the refusal, or null when `quantity` tickets can be had
 */
export function refuseShortage(
  books: StockBooks,
  given: Event,
  quantity: number,
  ownQuantity = 0,
): HoldRefusal | null {
  let event = books.event(given.id) ?? given;
  if (event.available + ownQuantity < quantity) {
    books.expireOverdue(event.id);
    event = books.event(event.id) ?? event;
  }
  if (event.available + ownQuantity >= quantity) return null;
  // What is given back counts as free: whoever holds one ticket and asks for three too many may still have the rest.
  const { available, held } = event;
  const stock = { ...event, available: available + ownQuantity, held: held - ownQuantity };
  const shortage = refuseByStock(stock, quantity, null);
  if (shortage?.kind !== "all_held") return shortage;
  return { kind: "all_held", nextExpiryAtMs: books.nextExpiryAtMs(event.id) };
}
