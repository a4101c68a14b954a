import type { HoldRefusal, Requester } from "./commands.ts";
import type { StockBooks } from "./stock-books.ts";

/**
 * The refusal of a buyer whose holds on the event have expired too often of late: whoever holds, lets expire and holds
 * again keeps tickets from others without ever paying. The shop itself is not judged, since it knows its buyers.
 *
 * @param asker.requester the shop when absent
 */
export function refuseHoarding(
  books: StockBooks,
  eventId: string,
  { userId, requester }: { readonly userId: string; readonly requester?: Requester },
): HoldRefusal | null {
  const { hoarding, nowMs } = books;
  if (hoarding === null || requester?.role !== "buyer") return null;
  const latestFirst = [...books.lapsesOf(eventId, userId)].sort((one, other) => other - one);
  const decisiveMs = latestFirst[hoarding.holdsMax - 1];
  if (decisiveMs === undefined) return null;
  // From then on fewer than the limit count.
  const allowedAtMs = decisiveMs + hoarding.windowMs;
  return nowMs >= allowedAtMs ? null : { kind: "hoarding", allowedAtMs, nowMs };
}
