import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import type { Database } from "../../store/open-database.ts";
import { selectOrder } from "../../store/orders.ts";

/**
 * Takes a paid order back. Its tickets return to the stock at once; its money is returned by a job that begins with
 * the same transaction.
 *
 * @returns the order as it is on disk now, or why it cannot be refunded
 */
export async function refundOrder(
  { database, desk, outcomes }: { database: Database; desk: Desk; outcomes: OutcomeCounts },
  orderId: string,
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  const order = await selectOrder(database, orderId);
  if (order === null) {
    outcomes.count("order_not_found");
    return { kind: "order_not_found" };
  }
  // What an order is of never changes, so its events can be told without a lock.
  const eventIds = order.items.map((item) => item.eventId);
  return desk.submit({ kind: "refund_order", eventIds, cartId: order.cartId, orderId }, claim);
}
