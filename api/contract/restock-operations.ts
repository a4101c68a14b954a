import { listReply, pageQuery } from "./lists.ts";
import type { Operation } from "./operation.ts";
import { reportDeliveryBody, restockOrderReply } from "./restock-orders.ts";

/** The calls about what is ordered from suppliers. */
export const restockOperations = {
  list_restock_orders: {
    method: "get",
    path: "/v1/events/{event_id}/restock-orders",
    summary: "List an event's restock orders, newest first",
    access: ["admin", "service", "observer"],
    missing: "event_not_found",
    query: pageQuery,
    reply: { status: 200, schema: listReply(restockOrderReply) },
    problems: ["event_not_found"],
  },
  report_delivery: {
    method: "post",
    path: "/v1/supplier-deliveries",
    summary: "Report that a restock order was delivered",
    access: ["admin", "service"],
    body: reportDeliveryBody,
    reply: { status: 200, schema: restockOrderReply },
    problems: [
      "restock_order_not_found",
      "restock_order_closed",
      "delivery_quantity_mismatch",
      "capacity_too_high",
    ],
  },
} as const satisfies Record<string, Operation>;
