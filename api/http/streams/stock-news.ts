import { z } from "zod";
import { type StockMessage, stockMessage } from "../../contract/stock-stream.ts";
import { type StockOfEvent, statusOf } from "../../domain/event.ts";
import { presentInstant } from "../present.ts";

/** An event's stock on its way to those who follow it. */
export const stockNews = z.strictObject({
  message: stockMessage,
  /** Whether the status may change by itself when sales start or end, so that the version does not tell all. */
  is_timed: z.boolean(),
});

export type StockNews = z.infer<typeof stockNews>;

/**
 * Makes a message of what was seen of an event.
 *
 * @param nextExpiryAtMs when its next hold ends, null when that was not looked up
 * @param nowMs database time of the look
 */
export function stockNewsOf(event: StockOfEvent, nextExpiryAtMs: number | null, nowMs: number): StockNews {
  const status = statusOf(event, nowMs);
  return {
    message: {
      event_id: event.id,
      capacity: event.capacity,
      available: event.available,
      held: event.held,
      sold: event.sold,
      version: event.version,
      status,
      next_expiry_at:
        status === "all_held" && nextExpiryAtMs !== null ? presentInstant(nextExpiryAtMs) : null,
      at: presentInstant(nowMs),
    },
    is_timed: event.salesStartAtMs !== null || event.salesEndAtMs !== null,
  };
}

/**
 * Whether a look tells more than the one before. Commits and polls arrive in any order, so an older version never
 * replaces a newer one; of two looks at one version the later counts, since time alone can change the status.
 */
export function isNews(known: StockMessage, next: StockMessage): boolean {
  if (next.version !== known.version) return next.version > known.version;
  if (next.at <= known.at) return false;
  if (next.status !== known.status) return true;
  // A desk does not always look up when the next hold ends: that it does not know is no news.
  return next.next_expiry_at !== null && next.next_expiry_at !== known.next_expiry_at;
}
