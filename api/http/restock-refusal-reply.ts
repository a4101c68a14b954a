import type { RestockRefusal } from "../domain/restock-commands.ts";
import { problemReply } from "./problem-reply.ts";
import type { Reply } from "./reply.ts";

const kinds: Readonly<Record<RestockRefusal["kind"], true>> = {
  restock_order_not_found: true,
  restock_order_closed: true,
  restock_in_progress: true,
  delivery_quantity_mismatch: true,
  capacity_too_high: true,
};

/** Tells these refusals from all other outcomes. */
export function isRestockRefusal<Outcome extends { readonly kind: string }>(
  outcome: Outcome,
): outcome is Extract<Outcome, RestockRefusal> {
  return Object.hasOwn(kinds, outcome.kind);
}

/** The answer that tells of such a refusal. */
export function restockRefusalReply(refusal: RestockRefusal, requestId: string): Reply {
  switch (refusal.kind) {
    case "restock_order_not_found":
      return problemReply("restock_order_not_found", requestId);
    case "restock_order_closed":
      return problemReply("restock_order_closed", requestId, {
        detail: `The restock order is ${refusal.status.replace("_", " ")}.`,
        members: { restock_status: refusal.status },
      });
    case "restock_in_progress":
      return problemReply("restock_in_progress", requestId, {
        members: { restock_order_id: refusal.restockOrderId },
      });
    case "delivery_quantity_mismatch":
      return problemReply("delivery_quantity_mismatch", requestId, {
        detail: `The restock order is for ${refusal.quantity}.`,
        members: { quantity: refusal.quantity },
      });
    case "capacity_too_high":
      return problemReply("capacity_too_high", requestId, {
        detail: `An event can have ${refusal.capacityMax} tickets at most.`,
      });
  }
}
