import { z } from "zod";
import type { CartItem } from "../domain/cart.ts";

/** One item as the columns `items` of carts and orders keep it. */
const storedItem = z.strictObject({
  event_id: z.string(),
  reservation_id: z.string(),
  quantity: z.int().min(1),
  name: z.string(),
  price_cents: z.int().min(0),
  currency: z.string(),
});
const storedItems = z.array(storedItem);

/** The JSON of a list of items, for a column. */
export function writeItems(items: readonly CartItem[]): string {
  const stored: z.infer<typeof storedItems> = items.map((item) => ({
    event_id: item.eventId,
    reservation_id: item.reservationId,
    quantity: item.quantity,
    name: item.name,
    price_cents: item.priceCents,
    currency: item.currency,
  }));
  return JSON.stringify(stored);
}

/** A column's list of items in the terms of the domain. @throws when it is not what `writeItems` wrote */
export function readItems(column: unknown): CartItem[] {
  return storedItems.parse(column).map((item) => ({
    eventId: item.event_id,
    reservationId: item.reservation_id,
    quantity: item.quantity,
    name: item.name,
    priceCents: item.price_cents,
    currency: item.currency,
  }));
}
