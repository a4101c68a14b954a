/** A payment to be entered, unless the books know its key. */
export interface NewDemoPayment {
  readonly key: string;
  /** More than 0. */
  readonly amountCents: number;
  readonly currency: string;
  readonly token: string;
  readonly status: "succeeded" | "declined" | "processing" | "never_charged";
  /** When a payment that is processing succeeds, in ms since 1970; null when `succeedsAfterMs` tells. */
  readonly succeedsAtMs: number | null;
  /** The same, in ms from now. */
  readonly succeedsAfterMs: number | null;
}

/** What the books say of a payment, by the database's clock. */
export interface DemoPayment {
  readonly key: string;
  /** The one that it was entered with. */
  readonly token: string;
  readonly status: NewDemoPayment["status"];
  /** How long it is going to be processing; null when it is not. */
  readonly remainingMs: number | null;
  /** Whether it was entered just now. */
  readonly isNew: boolean;
}

/** `not_charged`: there is no such charge, or it did not succeed. `other_key`: it was refunded under another one. */
type DemoRefundResult = "refunded" | "not_charged" | "too_much" | "other_key";

/** The books of the demo's provider. They stand for somebody else's: no transaction of an order ever writes them. */
export interface DemoBooks {
  /** Enters what is not known yet, all in one transaction. @returns what the books say of each, in the same order */
  enter(payments: readonly NewDemoPayment[]): Promise<readonly DemoPayment[]>;
  /** Takes a charge back once for each refund key, and never more than was charged. */
  refund(chargeKey: string, refundKey: string, amountCents: number): Promise<DemoRefundResult>;
}
