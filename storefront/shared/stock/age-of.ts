import type { Liveness } from "./use-live-stock.ts";

/** For so long, what was read is shown without its age while the live stock is on its way. */
const freshMs = 5_000;

/**
 * When the stock shown was so; null while it is live or was read just now.
 *
 * @param readAtMs when it was read last, by the server's clock
 */
export function ageOf(liveness: Liveness, readAtMs: number, nowMs: number): number | null {
  switch (liveness.kind) {
    case "live":
      return null;
    case "connecting":
      return nowMs - readAtMs > freshMs ? readAtMs : null;
    case "reconnecting":
      return Math.max(liveness.lastSeenMs, readAtMs);
    default:
      return readAtMs;
  }
}
