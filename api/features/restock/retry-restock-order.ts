import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome } from "../../desk/waiting-command.ts";

/**
 * Has a restock order that was given up or cancelled placed after all. The supplier is asked under the same key as
 * before, so what it has done already it does not do again.
 *
 * @param order.actor who asks, for the audit
 */
export function retryRestockOrder(
  { desk }: { desk: Desk },
  order: { readonly eventId: string; readonly restockOrderId: string; readonly actor: string },
): Promise<DeskOutcome> {
  return desk.submit({ kind: "reopen_restock", ...order });
}
