import { randomBytes } from "node:crypto";

interface BookedIntent {
  readonly id: string;
  status: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: { readonly order_id: string };
  last_payment_error: { readonly message: string } | null;
  refunded: number;
}

/** An answer as Stripe gives it. */
export interface StripeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The cards of the double, by what comes of a payment with them. */
export const stripeCards = {
  good: "pm_card_visa",
  bad: "pm_card_chargeDeclined",
  slow: "pm_card_processing",
  asksBank: "pm_card_authenticationRequired",
  unknown: "pm_card_unknown",
} as const;

/** The books of a stand-in for Stripe: payments and refunds as Stripe's documentation has them. */
export class StripeBooks {
  readonly #intents = new Map<string, BookedIntent>();

  /** How many payments of an order took place. */
  chargesOf(orderId: string): number {
    return this.#of(orderId).filter(({ status }) => status === "succeeded").length;
  }

  /** What became of each payment of an order. */
  statusesOf(orderId: string): string[] {
    return this.#of(orderId).map(({ status }) => status);
  }

  refundedOf(orderId: string): number {
    return this.#of(orderId).reduce((sum, { refunded }) => sum + refunded, 0);
  }

  /** A payment that was processing ends. */
  finish(orderId: string, status: "succeeded" | "requires_payment_method"): void {
    for (const intent of this.#of(orderId)) {
      if (intent.status !== "processing") continue;
      intent.status = status;
      if (status === "requires_payment_method") intent.last_payment_error = { message: "The bank said no." };
    }
  }

  create(form: URLSearchParams): StripeAnswer {
    const method = form.get("payment_method");
    if (method === stripeCards.unknown)
      return refusal(400, "invalid_request_error", "resource_missing", "No such PaymentMethod");
    const intent: BookedIntent = {
      id: `pi_${randomBytes(12).toString("hex")}`,
      status: "requires_payment_method",
      amount: Number(form.get("amount")),
      currency: form.get("currency") ?? "",
      metadata: { order_id: form.get("metadata[order_id]") ?? "" },
      last_payment_error: null,
      refunded: 0,
    };
    this.#intents.set(intent.id, intent);
    return form.get("confirm") === "true" ? confirm(intent, method) : { status: 200, body: { ...intent } };
  }

  retrieve(id: string): StripeAnswer {
    const intent = this.#intents.get(id);
    return intent === undefined ? missing() : { status: 200, body: { ...intent } };
  }

  cancel(id: string): StripeAnswer {
    const intent = this.#intents.get(id);
    if (intent === undefined) return missing();
    if (["succeeded", "canceled", "processing"].includes(intent.status))
      return refusal(
        400,
        "invalid_request_error",
        "payment_intent_unexpected_state",
        "It cannot be canceled.",
      );
    intent.status = "canceled";
    return { status: 200, body: { ...intent } };
  }

  search(query: string): StripeAnswer {
    const orderId = /^metadata\["order_id"\]:"([^"]+)"$/.exec(query)?.[1] ?? "";
    return {
      status: 200,
      body: { object: "search_result", data: this.#of(orderId).map((one) => ({ ...one })) },
    };
  }

  refund(form: URLSearchParams): StripeAnswer {
    const intent = this.#intents.get(form.get("payment_intent") ?? "");
    if (intent?.status !== "succeeded") return missing();
    const amount = Number(form.get("amount"));
    if (intent.refunded === intent.amount)
      return refusal(400, "invalid_request_error", "charge_already_refunded", "It has been refunded.");
    if (intent.refunded + amount > intent.amount)
      return refusal(
        400,
        "invalid_request_error",
        "parameter_invalid",
        "The refund is greater than the charge.",
      );
    intent.refunded += amount;
    const id = `re_${randomBytes(12).toString("hex")}`;
    return { status: 200, body: { id, status: "pending", amount, payment_intent: intent.id } };
  }

  #of(orderId: string): BookedIntent[] {
    return [...this.#intents.values()].filter(({ metadata }) => metadata.order_id === orderId);
  }
}

function confirm(intent: BookedIntent, method: string | null): StripeAnswer {
  switch (method) {
    case stripeCards.good:
      intent.status = "succeeded";
      break;
    case stripeCards.slow:
      intent.status = "processing";
      break;
    case stripeCards.asksBank:
      intent.status = "requires_action";
      break;
    default:
      intent.last_payment_error = { message: "Your card was declined." };
      return refusal(402, "card_error", "card_declined", "Your card was declined.");
  }
  return { status: 200, body: { ...intent } };
}

function missing(): StripeAnswer {
  return refusal(404, "invalid_request_error", "resource_missing", "No such object.");
}

export function refusal(status: number, type: string, code: string, message: string): StripeAnswer {
  return { status, body: { error: { type, code, message } } };
}
