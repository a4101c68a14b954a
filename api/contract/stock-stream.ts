import { z } from "zod";
import { instant, uuid } from "./values.ts";

/** How many events one stream can follow. */
export const followedEventsMax = 100;

/**
 * The data of one message of a live stock stream: an event's stock as it is, not what changed, so that whoever missed
 * messages has missed nothing. The message's name is `stock`, its id the event's `version`.
 */
export const stockMessage = z.strictObject({
  event_id: uuid,
  capacity: z.int().min(0),
  available: z.int().min(0),
  held: z.int().min(0),
  sold: z.int().min(0),
  version: z.int().min(1),
  status: z.enum(["scheduled", "on_sale", "paused", "all_held", "sold_out", "ended"]),
  next_expiry_at: instant
    .nullable()
    .describe("When the next hold ends, while all tickets are held; null when that is not known."),
  at: instant.describe("The database's time of this look. Clients set their countdowns by it."),
});

export const followEventsQuery = z.strictObject({
  event_id: z
    .union([uuid, z.array(uuid)])
    .transform((ids) => [...new Set(Array.isArray(ids) ? ids : [ids])])
    .refine((ids) => ids.length >= 1 && ids.length <= followedEventsMax, {
      message: `must name 1 to ${followedEventsMax} events`,
    })
    .meta({ type: "array", items: { type: "string", format: "uuid" }, maxItems: followedEventsMax }),
});

export type StockMessage = z.infer<typeof stockMessage>;
