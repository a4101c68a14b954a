import { type SettlementContext, settleOrder } from "../features/orders/settle-order.ts";
import type { Database } from "../store/open-database.ts";
import { selectOrder } from "../store/orders.ts";
import type { Attempt } from "./queue-worker.ts";

/**
 * Asks what came of the payment of an order, and settles it.
 *
 * @param orderId also the job's id
 * @throws when the provider did not answer, or the desk could not write it down
 */
export async function settlePayment(
  context: SettlementContext & { readonly database: Database },
  orderId: string,
  signal: AbortSignal,
): Promise<Attempt> {
  const order = await selectOrder(context.database, orderId);
  if (order === null) throw new Error(`There is a job for the order ${orderId}, but no such order.`);
  const settlement = await settleOrder(context, order, signal);
  if (settlement.kind === "settled") return { kind: "done" };
  switch (settlement.because) {
    case "processing":
      return { kind: "later", reason: "The provider is still processing the payment." };
    case "no_answer":
      throw settlement.error ?? new Error("The payment provider did not answer.");
    case "not_recorded":
      throw new Error("The desk could not write down what came of a payment.");
  }
}
