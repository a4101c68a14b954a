/** An event as it stands at the end of a run. */
export interface EventRow {
  readonly id: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  readonly priceCents: number;
  readonly holdSeconds: number;
  readonly createdAtMs: number;
}

/** Who changed an event's sale. A reason tells a change that is not one of its terms. */
export interface AuditRow {
  readonly eventId: string;
  readonly action: "paused" | "resumed" | "changed" | "restocked";
  readonly reason: string | null;
  readonly atMs: number;
}

type ReservationStatus = "held" | "confirmed" | "cancelled" | "expired";

export interface ReservationRow {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly status: ReservationStatus;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
  readonly confirmedAtMs: number | null;
  readonly releasedAtMs: number | null;
  readonly cause: string | null;
  readonly cartId: string | null;
  readonly verifiedPhone: string | null;
  readonly extendedAtMs: readonly number[];
}

/** What a cart or an order lists. */
export interface ItemRow {
  readonly eventId: string;
  readonly reservationId: string;
  readonly quantity: number;
}

export interface CartRow {
  readonly id: string;
  readonly userId: string;
  readonly items: readonly ItemRow[];
  readonly expiresAtMs: number | null;
  readonly orderId: string | null;
  readonly createdAtMs: number;
}

export type OrderStatus = "pending" | "paid" | "declined" | "refunded" | "cancelled";

export interface OrderRow {
  readonly id: string;
  readonly cartId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly totalCents: number;
  readonly items: readonly ItemRow[];
  readonly paymentProvider: string;
  readonly paymentStatus: string;
  readonly holdUntilMs: number;
  readonly createdAtMs: number;
  readonly settledAtMs: number | null;
  readonly paidAtMs: number | null;
}

/** A charge in the books of the demo's payment provider; the key is the id of its order. */
export interface PaymentRow {
  readonly key: string;
  readonly amountCents: number;
  readonly status: "succeeded" | "declined" | "processing" | "never_charged";
  /** When a charge that is processing succeeds, without anybody writing that down. */
  readonly succeedsAtMs: number | null;
  readonly refundedCents: number;
}

export interface RestockRow {
  readonly id: string;
  readonly eventId: string;
  readonly quantity: number;
  readonly supplierUrl: string;
  readonly status: "open" | "placed" | "delivered" | "given_up" | "cancelled";
  readonly deliveredAtMs: number | null;
}

export interface CustomerRow {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phoneNumber: string;
  readonly createdAtMs: number;
  readonly verifiedAtMs: number | null;
  readonly accountId: string | null;
}

export interface VerificationRow {
  readonly customerId: string;
  readonly status: "pending" | "verified" | "exhausted" | "superseded";
  readonly wrongAttempts: number;
}

/** What the database holds at the end of a run, all of one moment. */
export interface Books {
  /** That moment, by the database's clock. */
  readonly readAtMs: number;
  readonly events: readonly EventRow[];
  /** Oldest first. */
  readonly audits: readonly AuditRow[];
  readonly reservations: readonly ReservationRow[];
  readonly carts: readonly CartRow[];
  readonly orders: readonly OrderRow[];
  readonly payments: readonly PaymentRow[];
  readonly restocks: readonly RestockRow[];
  readonly customers: readonly CustomerRow[];
  readonly verifications: readonly VerificationRow[];
}
