import type { Event } from "./event.ts";
import type { RestockOrder, RestockStatus } from "./restock-order.ts";

interface OfRestockOrder {
  readonly eventId: string;
  readonly restockOrderId: string;
  /** Who asks, for the audit. */
  readonly actor: string;
}

/** Takes in what a supplier has delivered. However often it is reported, the capacity rises once. */
export interface ReceiveDeliveryCommand extends OfRestockOrder {
  readonly kind: "receive_delivery";
  readonly quantity: number;
  /** The supplier's name for its order; null when it told none. */
  readonly reference: string | null;
}

/**
 * Ends a restock order that came to nothing. The next one is held back until the stock has recovered or the rule was
 * changed. Closing what is closed changes nothing; nor does giving up what the supplier has taken.
 */
export interface CloseRestockCommand extends OfRestockOrder {
  readonly kind: "close_restock";
  readonly status: "given_up" | "cancelled";
  readonly reason: string;
}

/** Lets a closed restock order be placed after all, under its old key. What is under way is left as it is. */
export interface ReopenRestockCommand extends OfRestockOrder {
  readonly kind: "reopen_restock";
}

export type RestockCommand = ReceiveDeliveryCommand | CloseRestockCommand | ReopenRestockCommand;

/** Why a restock order could not be changed, in order of precedence. */
export type RestockRefusal =
  | { readonly kind: "restock_order_not_found" }
  /** It has come to an end that does not allow this. */
  | { readonly kind: "restock_order_closed"; readonly status: RestockStatus }
  /** Another one is under way. */
  | { readonly kind: "restock_in_progress"; readonly restockOrderId: string }
  /** `quantity` is what was ordered. */
  | { readonly kind: "delivery_quantity_mismatch"; readonly quantity: number }
  | { readonly kind: "capacity_too_high"; readonly capacityMax: number };

export type RestockOutcome =
  /** The order and its event as they are now, whether or not this changed them. */
  { readonly kind: "restock_changed"; readonly order: RestockOrder; readonly event: Event } | RestockRefusal;
