import { z } from "zod";
import { uuid } from "../../contract/values.ts";
import { stockNews } from "./stock-news.ts";

/** The most events that the streams of one worker follow together. */
export const followedMax = 10_000;

/** The most events in one message of the supervisor. */
export const newsMax = 1_000;

/** A worker tells its supervisor all the events that it follows, whenever these are others. */
export const followRequest = z.strictObject({
  kind: z.literal("follow_stock"),
  // One stream may have brought the worker beyond its limit; the next one is refused.
  event_ids: z.array(uuid).max(2 * followedMax),
});

/** The supervisor tells a worker what has changed about events that it follows. */
export const stockReport = z.strictObject({
  kind: z.literal("stock_report"),
  news: z.array(stockNews).min(1).max(newsMax),
});

export type FollowRequest = z.infer<typeof followRequest>;
export type StockReport = z.infer<typeof stockReport>;
