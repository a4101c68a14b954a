import type { Desk } from "../../desk/desk.ts";
import type { Order, PaymentResult } from "../../domain/order.ts";
import type { DatabaseClock } from "../../kernel/clock.ts";
import type { PaymentProviders } from "../../providers/payment/open-payment-providers.ts";
import type { AbandonResult } from "../../providers/payment/payment-provider.ts";

export interface SettlementContext {
  readonly desk: Desk;
  readonly clock: DatabaseClock;
  readonly payments: PaymentProviders;
}

/** What came of asking. An unsettled order stays pending, and asking again is harmless. */
export type Settlement =
  /** The order at its end, on disk. */
  | { readonly kind: "settled"; readonly order: Order }
  | {
      readonly kind: "unsettled";
      /** `processing` is the provider's own word; `no_answer` came from nobody; `not_recorded` is the desk's. */
      readonly because: "processing" | "no_answer" | "not_recorded";
      /** What went wrong, if something did. */
      readonly error: Error | null;
    };

/** The longest that a provider is waited for. A job's whole attempt has to fit in the time that a job may take. */
const answerMaxMs = 20_000;

/**
 * Asks an order's provider what came of its payment, and brings the order to its end by that. While its tickets are
 * kept the provider is asked to charge; after that, not to charge any more. Nothing is locked meanwhile.
 *
 * @param order as it was read, pending or not
 * @param signal ends the wait for the provider, which does not undo what it has been asked
 * @throws when the desk has no such order
 */
export async function settleOrder(
  context: SettlementContext,
  order: Order,
  signal: AbortSignal,
): Promise<Settlement> {
  if (order.status !== "pending") return { kind: "settled", order };
  const answer = await askProvider(context, order, signal).catch(noAnswer);
  switch (answer.kind) {
    case "no_answer":
      return { kind: "unsettled", because: "no_answer", error: answer.error };
    case "processing":
      return { kind: "unsettled", because: "processing", error: null };
    case "succeeded":
    case "declined":
    case "never_charged":
      return recordResult(context, order, answer);
  }
}

async function askProvider(
  { clock, payments }: SettlementContext,
  order: Order,
  signal: AbortSignal,
): Promise<AbandonResult> {
  const provider = payments.get(order.payment.provider);
  if (provider === undefined)
    throw new Error(
      `There is no payment provider "${order.payment.provider}" here, but order ${order.id} has it.`,
    );
  if (order.payment.token === null) throw new Error(`Order ${order.id} is pending without a token.`);
  const request = {
    key: order.id,
    amountCents: order.totalCents,
    currency: order.currency,
    token: order.payment.token,
    holdUntilMs: order.holdUntilMs,
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMaxMs)]);
  // Which of the two is asked need not be exact: the desk judges by the database's time whether the tickets are there.
  return clock.nowMs() < order.holdUntilMs
    ? provider.charge(request, limit)
    : provider.abandon(request, limit);
}

function noAnswer(error: unknown): { readonly kind: "no_answer"; readonly error: Error } {
  return { kind: "no_answer", error: error instanceof Error ? error : new Error(String(error)) };
}

async function recordResult(
  { desk }: SettlementContext,
  order: Order,
  result: PaymentResult,
): Promise<Settlement> {
  const outcome = await desk.submit({
    kind: "settle_order",
    eventIds: order.items.map(({ eventId }) => eventId),
    cartId: order.cartId,
    orderId: order.id,
    result,
  });
  switch (outcome.kind) {
    case "order_settled":
      return { kind: "settled", order: outcome.order };
    case "overloaded":
    case "database_unavailable":
      return { kind: "unsettled", because: "not_recorded", error: null };
    default:
      throw new Error(`Order ${order.id} could not be settled: ${outcome.kind}.`);
  }
}
