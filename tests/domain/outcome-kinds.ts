import type { StockOutcome } from "../../api/domain/commands.ts";

/** Every outcome of a sale of single reservations, and whether it is a refusal. */
export const saleOutcomes = {
  event_not_found: true,
  sales_ended: true,
  sales_paused: true,
  sales_not_started: true,
  quantity_over_limit: true,
  phone_not_verified: true,
  duplicate_reservation: true,
  sold_out: true,
  all_held: true,
  not_enough_left: true,
  reservation_not_found: true,
  hold_ended: true,
  already_confirmed: true,
  payment_required: true,
  cancel_not_allowed: true,
  extension_limit: true,
  capacity_too_low: true,
  sales_window_empty: true,
  not_due: true,
  held: false,
  confirmed: false,
  extended: false,
  cancelled: false,
  expired: false,
  event_changed: false,
} as const satisfies Partial<Record<StockOutcome["kind"], boolean>>;

/** The outcomes that only carts and orders have. */
export const cartOutcomes = {
  reservation_in_cart: true,
  cart_not_found: true,
  cart_ordered: true,
  checkout_in_progress: true,
  cart_empty: true,
  cart_expired: true,
  cart_outdated: true,
  provider_not_available: true,
  cart_full: true,
  currency_mismatch: true,
  cart_extension_limit: true,
  order_not_found: true,
  order_not_paid: true,
  cart_saved: false,
  order_begun: false,
  order_settled: false,
} as const satisfies Partial<Record<StockOutcome["kind"], boolean>>;

/** Only buyers are judged by it, and only where the terms are known: tests/domain/refuse-hoarding.test.ts. */
const buyerOutcomes = { hoarding: true } as const satisfies Partial<Record<StockOutcome["kind"], boolean>>;

/** The outcomes that only restock orders have. */
export const restockOutcomes = {
  restock_order_not_found: true,
  restock_order_closed: true,
  restock_in_progress: true,
  delivery_quantity_mismatch: true,
  capacity_too_high: true,
  restock_changed: false,
} as const satisfies Record<
  Exclude<
    StockOutcome["kind"],
    keyof typeof saleOutcomes | keyof typeof cartOutcomes | keyof typeof buyerOutcomes
  >,
  boolean
>;

const all: Record<StockOutcome["kind"], boolean> = {
  ...saleOutcomes,
  ...cartOutcomes,
  ...buyerOutcomes,
  ...restockOutcomes,
};

export function isRefusal({ kind }: StockOutcome): boolean {
  return all[kind];
}
