/** The most tickets that an event can have. */
export const capacityMax = 10_000_000;

/** The refill rule of an event; see the contract's `restock`. */
export interface Restock {
  readonly threshold: number;
  readonly quantity: number;
  readonly supplierUrl: string;
}

/** An event with its stock. `available + held + sold = capacity` always holds, and each is at least 0. */
export interface Event {
  readonly id: string;
  /** A small number given once by the database; every reservation id of this event carries it. */
  readonly number: number;
  readonly name: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  /** Rises with every transaction that changes the event. */
  readonly version: number;
  /** Why sales are paused; null while they are not. */
  readonly pausedReason: string | null;
  readonly priceCents: number;
  readonly currency: string;
  readonly holdSeconds: number;
  readonly maxQuantity: number;
  readonly maxExtensions: number;
  readonly salesStartAtMs: number | null;
  readonly salesEndAtMs: number | null;
  readonly requiresVerifiedPhone: boolean;
  readonly restock: Restock | null;
  /** The restock order that is under way; null while there is none. */
  readonly restockOrderId: string | null;
  /** The last restock order came to nothing: the next one waits until the stock has recovered or the rule was changed. */
  readonly restockHeldBack: boolean;
  readonly createdAtMs: number;
}

export type EventStatus = "scheduled" | "on_sale" | "paused" | "all_held" | "sold_out" | "ended";

/** What there is to tell about an event's stock, without its name and its price. */
export type StockOfEvent = Pick<
  Event,
  | "id"
  | "capacity"
  | "available"
  | "held"
  | "sold"
  | "version"
  | "pausedReason"
  | "salesStartAtMs"
  | "salesEndAtMs"
>;

/**
 * What a buyer may expect of the event at `nowMs` (database time).
 * The order is the order of precedence: an event that has ended is not also paused.
 */
export function statusOf(event: StockOfEvent, nowMs: number): EventStatus {
  if (event.salesEndAtMs !== null && nowMs >= event.salesEndAtMs) return "ended";
  if (event.pausedReason !== null) return "paused";
  if (event.salesStartAtMs !== null && nowMs < event.salesStartAtMs) return "scheduled";
  if (event.available > 0) return "on_sale";
  return event.held > 0 ? "all_held" : "sold_out";
}
