import type { EventReply, StockMessage } from "@holdfast/client";

/** What can be said of an event's stock at one moment. */
export interface Stock {
  readonly status: EventReply["status"];
  readonly available: number;
  readonly capacity: number;
  readonly version: number;
  /** When the next hold ends; null when that is not known. */
  readonly nextExpiryAtMs: number | null;
}

/** The newest of what was read and what was told live. What only time changed comes without a new version. */
export function newestStock(event: EventReply, told: StockMessage | undefined): Stock {
  if (told === undefined || told.version < event.version) return { ...stockOf(event), nextExpiryAtMs: null };
  const next = told.next_expiry_at;
  return { ...stockOf(told), nextExpiryAtMs: next === null ? null : Date.parse(next) };
}

function stockOf({ status, available, capacity, version }: EventReply | StockMessage) {
  return { status, available, capacity, version };
}
