import { examples } from "./give-examples.ts";
import type { OperationText } from "./operation-text.ts";

/** What the reference says about what is ordered from suppliers. */
export const restockOperationTexts = {
  list_restock_orders: {
    tag: "Events",
    description:
      "Pages through what was ordered because an event's free stock had fallen under the `threshold` of its `restock` rule. " +
      "At most one order of an event is `open` or `placed` at a time. After one that was given up or cancelled, the next is " +
      "opened only when the stock has been at the threshold again, or the rule was changed.",
    success: "One page of restock orders.",
    reply: examples.restockOrderList,
  },
  report_delivery: {
    tag: "Events",
    description:
      "Raises the event's capacity by what a restock order was for, and the tickets are free at once. However often one " +
      "delivery is reported, the capacity rises once. A delivery of another quantity, or for an order that was given up or " +
      "cancelled, changes nothing.\n\n" +
      "A supplier is asked by `POST` to the rule's `supplier_url` with `{restock_order_id, event_id, quantity}` and the " +
      "order's id as `Idempotency-Key`, until it answers 2xx with `{status, reference?, quantity?}`. With the status " +
      "`delivered` nothing need be reported; with `accepted` the delivery is reported here.",
    success: "The order, delivered.",
    body: { restock_order_id: examples.restockOrder.id, quantity: examples.restockOrder.quantity },
    reply: examples.restockOrder,
  },
} as const satisfies Readonly<Record<string, OperationText>>;
