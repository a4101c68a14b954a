import type { RestockOrderReply } from "../contract/restock-orders.ts";
import type { RestockOrder } from "../domain/restock-order.ts";
import { presentInstant, presentOptionalInstant } from "./present.ts";

/** A restock order as clients see it. */
export function presentRestockOrder(order: RestockOrder): RestockOrderReply {
  return {
    id: order.id,
    event_id: order.eventId,
    quantity: order.quantity,
    supplier_url: order.supplierUrl,
    status: order.status,
    attempts: order.attempts,
    last_error: order.lastError,
    supplier_reference: order.supplierReference,
    created_at: presentInstant(order.createdAtMs),
    placed_at: presentOptionalInstant(order.placedAtMs),
    delivered_at: presentOptionalInstant(order.deliveredAtMs),
    closed_at: presentOptionalInstant(order.closedAtMs),
  };
}
