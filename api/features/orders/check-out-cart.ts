import { setTimeout as wait } from "node:timers/promises";
import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import type { BeginCheckoutCommand, StockOutcome } from "../../domain/commands.ts";
import { makeId } from "../../kernel/ids.ts";
import { completeRecord } from "../../store/idempotency-records.ts";
import type { Database } from "../../store/open-database.ts";
import { type CartLooks, submitForCart } from "../submit-for-cart.ts";
import type { Order } from "../../domain/order.ts";
import { type Settlement, type SettlementContext, settleOrder } from "./settle-order.ts";

/** How long a request waits for its payment: less than a worker that is to end has for it. After that the job that began with the order goes on asking. */
const paymentMaxMs = 6_000;
/** How long it rests after a failure before it asks again; after each further one twice as long. */
const firstRestMs = 200;

interface CheckoutContext extends SettlementContext {
  readonly database: Database;
  readonly cartLooks: CartLooks;
  readonly outcomes: OutcomeCounts;
  readonly paymentGraceMs: number;
}

/** What a cart is to be paid with, and where the receipt goes. */
type Checkout = Pick<BeginCheckoutCommand, "cartId" | "requester" | "email" | "provider" | "token">;

type OrderOutcome = Extract<StockOutcome, { kind: "order_begun" | "order_settled" }>;

/**
 * Makes an order of a whole cart and has it paid. The payment is asked for outside of every transaction and lock; should
 * this process die over it, the order's job finds out what came of it.
 *
 * @returns `order_settled` with the order at its end, or `order_begun` with the pending one when its payment takes longer
 *   than 6 seconds; with a claim, the reply on record instead. Otherwise why the cart was not checked out
 */
export async function checkOutCart(
  context: CheckoutContext,
  checkout: Checkout,
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  const begin = {
    ...checkout,
    orderId: makeId(),
    isProviderAvailable: context.payments.has(checkout.provider),
    graceMs: context.paymentGraceMs,
  };
  const begun = await submitForCart(
    context,
    checkout.cartId,
    (eventIds) => ({ kind: "begin_checkout", eventIds, ...begin }),
    claim,
  );
  if (begun.kind !== "order_begun") return begun;
  const settlement = await settleInTime(context, begun.order, AbortSignal.timeout(paymentMaxMs));
  if (settlement.kind === "unsettled") return putOnRecord(context, claim, begun);
  const { order } = settlement;
  const settled = { kind: "order_settled", order } as const;
  // Whoever settled the order has put it on record. Only a refund can have changed it since.
  return order.status === "refunded" ? putOnRecord(context, claim, settled) : settled;
}

/** Asks again under the same key while there is time, so that a line that is bad for a moment costs the buyer a moment. */
async function settleInTime(
  context: SettlementContext,
  order: Order,
  tooLate: AbortSignal,
): Promise<Settlement> {
  for (let restMs = firstRestMs; ; restMs *= 2) {
    const settlement = await settleOrder(context, order, tooLate);
    if (settlement.kind === "settled" || settlement.because === "processing") return settlement;
    // Aborting the rest is how the request comes to its end, not a failure.
    await wait(restMs, undefined, { signal: tooLate }).catch(() => {});
    if (tooLate.aborted) return settlement;
  }
}

/** Puts an outcome on record under the request's key, unless another reply stands there already. */
async function putOnRecord(
  { database }: CheckoutContext,
  claim: RecordedClaim | null,
  outcome: OrderOutcome,
): Promise<DeskOutcome> {
  if (claim === null) return outcome;
  const { status, body } = claim.render(outcome);
  const key = { eventId: outcome.order.cartId, keyDigest: claim.keyDigest };
  const reply = await completeRecord(database, key, { status, body });
  return { kind: "recorded", reply, replayed: false };
}
