import { z } from "zod";
import { NoPaymentAnswerError } from "./payment-provider.ts";

const intentSchema = z.object({
  id: z.string().regex(/^pi_\w{1,100}$/),
  status: z.enum([
    "succeeded",
    "processing",
    "canceled",
    "requires_action",
    "requires_capture",
    "requires_confirmation",
    "requires_payment_method",
  ]),
  amount: z.int(),
  currency: z.string(),
  metadata: z.object({ order_id: z.string() }),
  last_payment_error: z.object({ message: z.string().optional() }).nullish(),
});

/** What matters here of one of Stripe's PaymentIntents. */
export type Intent = z.infer<typeof intentSchema>;

interface ExpectedIntent {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
}

/**
 * Reads an answer that must be about this order and its amount.
 *
 * @throws NoPaymentAnswerError for anything else: an answer without sense tells nothing
 */
export function readIntent(answer: unknown, expected: ExpectedIntent): Intent {
  const result = intentSchema.safeParse(answer);
  if (!result.success)
    throw new NoPaymentAnswerError("Stripe's answer has no sense.", { cause: result.error });
  const { metadata, amount, currency } = result.data;
  const isExpected =
    metadata.order_id === expected.orderId &&
    amount === expected.amount &&
    currency.toUpperCase() === expected.currency;
  if (!isExpected) throw new NoPaymentAnswerError("Stripe answered about another payment.");
  return result.data;
}

const intentList = z.object({ data: z.array(z.unknown()).max(100) });

/** Reads the answer to a search: every intent in it must be about this order. @throws NoPaymentAnswerError */
export function readIntents(answer: unknown, expected: ExpectedIntent): Intent[] {
  const result = intentList.safeParse(answer);
  if (!result.success)
    throw new NoPaymentAnswerError("Stripe's answer has no sense.", { cause: result.error });
  return result.data.data.map((intent) => readIntent(intent, expected));
}

/** The currency of an intent, in capital letters. @throws NoPaymentAnswerError when the answer is none */
export function readCurrency(answer: unknown): string {
  const result = z.object({ currency: z.string() }).safeParse(answer);
  if (!result.success)
    throw new NoPaymentAnswerError("Stripe's answer has no sense.", { cause: result.error });
  return result.data.currency.toUpperCase();
}

const refundSchema = z.object({
  status: z.enum(["succeeded", "pending", "requires_action", "failed", "canceled"]),
  amount: z.int(),
  payment_intent: z.string(),
});

/**
 * Requires that an answer says that this refund was taken.
 *
 * @throws NoPaymentAnswerError when it is about something else; Error when the refund failed
 */
export function requireRefund(answer: unknown, reference: string, amount: number): void {
  const result = refundSchema.safeParse(answer);
  if (!result.success || result.data.payment_intent !== reference || result.data.amount !== amount)
    throw new NoPaymentAnswerError("Stripe's answer has no sense.", { cause: result.error });
  const { status } = result.data;
  if (status !== "succeeded" && status !== "pending")
    throw new Error(`Stripe has not taken a refund: its status is ${status}.`);
}

const failureSchema = z.object({
  type: z.string(),
  code: z.string().optional(),
  message: z.string().default(""),
  headers: z.record(z.string(), z.unknown()).optional(),
});

/**
 * What an error of Stripe's says about what was asked for.
 *
 * `declined`: the card was refused. `refused`: the request was, before it did anything. `key_reused`: something else
 * was asked for under this key before. `unknown`: it may have been done, or may yet be; `isOnRecord` tells that asking
 * again under this key brings the same answer for as long as Stripe remembers the key.
 */
export type StripeFailure =
  | { readonly kind: "declined"; readonly message: string }
  | { readonly kind: "refused"; readonly code: string | null; readonly message: string }
  | { readonly kind: "key_reused" }
  | { readonly kind: "unknown"; readonly isOnRecord: boolean };

/** Tells what Stripe's client threw. What is not known to be a refusal is not taken for one. */
export function failureOf(error: unknown): StripeFailure {
  const result = failureSchema.safeParse(error);
  if (!result.success) return { kind: "unknown", isOnRecord: false };
  const { type, code, message, headers } = result.data;
  switch (type) {
    case "StripeCardError":
      return { kind: "declined", message };
    case "StripeInvalidRequestError":
      return { kind: "refused", code: code ?? null, message };
    case "StripeIdempotencyError":
      return { kind: "key_reused" };
    // Connections, time limits, 5xx, 429, a key in use, our own key refused: none tells what became of it.
    default:
      return { kind: "unknown", isOnRecord: headers?.["idempotent-replayed"] === "true" };
  }
}
