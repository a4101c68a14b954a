/** What a provider needs to know to take money once. */
export interface ChargeRequest {
  /** The order's id. Asking again with the same key never charges again. */
  readonly key: string;
  /** More than 0. */
  readonly amountCents: number;
  /** An ISO 4217 code. */
  readonly currency: string;
  /** What the provider gave the buyer's device for the card. */
  readonly token: string;
  /** Until when the tickets are kept, in ms since 1970 by the database's clock. */
  readonly holdUntilMs: number;
}

/** What the provider says came of it. `processing`: it cannot tell yet; ask again. */
export type ChargeResult =
  | { readonly kind: "succeeded"; readonly reference: string }
  | { readonly kind: "declined"; readonly reason: string }
  | { readonly kind: "processing" };

/** `never_charged`: the charge had not arrived, and if it still does, it will not take place. */
export type AbandonResult = ChargeResult | { readonly kind: "never_charged" };

export interface RefundRequest {
  /** Asking again with the same key never refunds again. */
  readonly key: string;
  /** What the charge's result named. */
  readonly reference: string;
  readonly amountCents: number;
}

/**
 * The provider did not answer, or not with sense: what it did is unknown. Ask again with the same key. Never thrown
 * for a refusal.
 */
export class NoPaymentAnswerError extends Error {}

/**
 * Someone else's server that moves money. It is only ever called outside of transactions and locks. Each call may be
 * repeated with the same key, and must be until it is answered.
 */
export interface PaymentProvider {
  /** @throws NoPaymentAnswerError; also when `signal` aborts, which does not undo what has been asked */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeResult>;
  /** Finds out what came of a charge, and sees to it that one that has not arrived never takes place. */
  abandon(request: ChargeRequest, signal: AbortSignal): Promise<AbandonResult>;
  /** Resolves when the provider has taken the refund. */
  refund(request: RefundRequest, signal: AbortSignal): Promise<void>;
}
