import type { HoldCommand, HoldRefusal } from "./commands.ts";
import type { Event } from "./event.ts";

/**
 * The refusals that follow from the event's terms alone, before anybody looks at stock or user.
 *
 * @param nowMs database time, after the event's row was locked; the gate passes its estimate of it
 * @returns the refusal of highest precedence, or null when the terms allow the hold
 */
export function refuseByTerms(
  event: Event,
  command: Pick<HoldCommand, "quantity">,
  nowMs: number,
): HoldRefusal | null {
  if (event.salesEndAtMs !== null && nowMs >= event.salesEndAtMs) return { kind: "sales_ended" };
  if (event.pausedReason !== null) return { kind: "sales_paused", reason: event.pausedReason };
  if (event.salesStartAtMs !== null && nowMs < event.salesStartAtMs) {
    return { kind: "sales_not_started", startsAtMs: event.salesStartAtMs };
  }
  if (command.quantity > event.maxQuantity) {
    return { kind: "quantity_over_limit", maxQuantity: event.maxQuantity };
  }
  return null;
}

/**
 * The refusals that follow from the stock.
 *
 * @param nextExpiryAtMs when the event's earliest hold ends, if that is known
 * @returns the refusal, or null when `quantity` tickets are free
 */
export function refuseByStock(
  event: Event,
  quantity: number,
  nextExpiryAtMs: number | null,
): HoldRefusal | null {
  if (event.available >= quantity) return null;
  if (event.available > 0) return { kind: "not_enough_left", available: event.available };
  return event.held > 0 ? { kind: "all_held", nextExpiryAtMs } : { kind: "sold_out" };
}
