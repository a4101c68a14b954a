import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome } from "../../desk/waiting-command.ts";

/**
 * Ends a restock order that is open or placed. A delivery that is reported for it afterwards is refused, and the next
 * order waits until the stock has recovered or the rule was changed.
 *
 * @param order.actor who asks, for the audit
 */
export function cancelRestockOrder(
  { desk }: { desk: Desk },
  order: {
    readonly eventId: string;
    readonly restockOrderId: string;
    readonly reason: string;
    readonly actor: string;
  },
): Promise<DeskOutcome> {
  return desk.submit({ kind: "close_restock", status: "cancelled", ...order });
}
