import type { CreateEventBody } from "../../contract/events.ts";
import type { Restock } from "../../domain/event.ts";

/** The refill rule of a request body in the domain's terms. */
export function restockOf(restock: CreateEventBody["restock"]): Restock | null {
  if (restock === null) return null;
  return { threshold: restock.threshold, quantity: restock.quantity, supplierUrl: restock.supplier_url };
}

/** An instant of a request body in milliseconds since 1970. */
export function instantMs(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
