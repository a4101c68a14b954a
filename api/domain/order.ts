import type { CartItem } from "./cart.ts";

/**
 * `pending` until it is known what came of the payment; each of the others is an end, except that what is paid can be
 * refunded. `cancelled` was never charged.
 */
export type OrderStatus = "pending" | "paid" | "declined" | "refunded" | "cancelled";

/** Where the money is. `none`: there was nothing to pay. */
type PaymentStatus =
  | "processing"
  | "succeeded"
  | "declined"
  | "never_charged"
  | "refunding"
  | "refunded"
  | "none";

export type ProviderName = "demo" | "stripe";

/** One sale of a whole cart. */
export interface Order {
  /** Also the key under which its payment is asked for, however often. */
  readonly id: string;
  readonly cartId: string;
  readonly userId: string;
  readonly email: string;
  readonly status: OrderStatus;
  readonly totalCents: number;
  readonly currency: string;
  readonly items: readonly CartItem[];
  readonly payment: {
    readonly provider: ProviderName;
    readonly status: PaymentStatus;
    /** Null once the payment is settled. */
    readonly token: string | null;
    /** The provider's name for the payment; null until it gave one. */
    readonly reference: string | null;
    readonly declineReason: string | null;
  };
  /** Until when its tickets are kept whatever the cart's deadline says: the end of the grace. */
  readonly holdUntilMs: number;
  /** The idempotency key of the checkout; null when it had none. */
  readonly keyDigest: string | null;
  readonly createdAtMs: number;
  /** When it ceased to be pending. */
  readonly settledAtMs: number | null;
  readonly paidAtMs: number | null;
  /** When the provider took the refund. */
  readonly refundedAtMs: number | null;
  readonly receiptSentAtMs: number | null;
}

/** What a provider says came of a payment. */
export type PaymentResult =
  | { readonly kind: "succeeded"; readonly reference: string }
  | { readonly kind: "declined"; readonly reason: string }
  /** It never took place and never will. */
  | { readonly kind: "never_charged" };
