import type { ChangeEventBody } from "../../contract/events.ts";
import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome } from "../../desk/waiting-command.ts";
import type { EventChange } from "../../domain/commands.ts";
import { instantMs, restockOf } from "./read-terms.ts";

/**
 * Changes an event's terms or capacity. The change takes its place in line at the desk, like every other thing
 * that moves stock.
 *
 * @param actor who asks, for the audit
 */
export function changeEvent(
  { desk }: { desk: Desk },
  eventId: string,
  body: ChangeEventBody,
  actor: string,
): Promise<DeskOutcome> {
  return desk.submit({ kind: "change_event", eventId, change: changeOf(body), actor });
}

function changeOf(body: ChangeEventBody): EventChange {
  const { name, capacity, price_cents, currency, hold_seconds, max_quantity, max_extensions } = body;
  const { sales_start_at, sales_end_at, requires_verified_phone, restock } = body;
  return {
    ...(name !== undefined && { name }),
    ...(capacity !== undefined && { capacity }),
    ...(price_cents !== undefined && { priceCents: price_cents }),
    ...(currency !== undefined && { currency }),
    ...(hold_seconds !== undefined && { holdSeconds: hold_seconds }),
    ...(max_quantity !== undefined && { maxQuantity: max_quantity }),
    ...(max_extensions !== undefined && { maxExtensions: max_extensions }),
    ...(sales_start_at !== undefined && { salesStartAtMs: instantMs(sales_start_at) }),
    ...(sales_end_at !== undefined && { salesEndAtMs: instantMs(sales_end_at) }),
    ...(requires_verified_phone !== undefined && { requiresVerifiedPhone: requires_verified_phone }),
    ...(restock !== undefined && { restock: restockOf(restock) }),
  };
}
