import type { FeatureContext } from "../features/context.ts";
import type { Log } from "../kernel/log.ts";
import type { MetricRecorder } from "../kernel/record-metrics.ts";
import type { Door } from "./admission/door.ts";
import type { RateLimiter } from "./limit-rate.ts";
import type { FirstLooks } from "./streams/first-looks.ts";
import type { StockHub } from "./streams/stock-hub.ts";

/** What the handlers work with. */
export interface Services extends FeatureContext {
  readonly log: Log;
  readonly recorder: MetricRecorder;
  readonly rateLimiter: RateLimiter;
  /** Counts what is in work, and refuses what would be too much. */
  readonly door: Door;
  /** Passes the news of stock on to the streams that follow it. */
  readonly stockHub: StockHub;
  readonly firstLooks: FirstLooks;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Whether an error means that the database is away, so that trying again later makes sense. */
  readonly isUnavailable: (error: unknown) => boolean;
}
