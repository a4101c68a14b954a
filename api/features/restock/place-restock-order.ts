import type { Desk } from "../../desk/desk.ts";
import { isClosed, type RestockOrder } from "../../domain/restock-order.ts";
import { ProviderFailure } from "../../providers/outside/provider-failure.ts";
import type { Supplier, SupplierAnswer } from "../../providers/supplier/supplier.ts";
import type { Database } from "../../store/open-database.ts";
import {
  beginAttempt,
  markPlaced,
  noteFailedAttempt,
  selectRestockOrder,
} from "../../store/restock-orders.ts";
import type { EventFinder } from "./receive-delivery.ts";

export interface PlacingContext {
  readonly database: Database;
  readonly desk: Desk;
  readonly events: EventFinder;
  readonly supplier: Supplier;
}

/** What came of one attempt. `later`: nothing is left to be done, but the job may have become somebody else's. */
export type Placing =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly reason: string }
  | { readonly kind: "given_up"; readonly reason: string };

/** With the queue's pauses of up to a minute, two to three days. Fewer than the tries after which the queue gives up. */
export const attemptsMax = 4_000;

/** Who does what suppliers cause, in the audit. */
const actor = "supplier";

/**
 * Asks the supplier of a restock order for it, under the order's own key, and writes down what came of it. Whoever dies
 * between the two leaves an order that is asked for again.
 *
 * @throws when the attempt failed, or what came of it could not be written down; to be tried again
 */
export async function placeRestockOrder(
  context: PlacingContext,
  orderId: string,
  signal: AbortSignal,
): Promise<Placing> {
  const { database, events, supplier } = context;
  const eventId = await events.locate(orderId);
  const order = eventId === null ? null : await beginAttempt(database, eventId, orderId);
  if (order === null) return explainWhyNotOpen(database, eventId, orderId);
  const { id: key, quantity, supplierUrl } = order;
  let answer: SupplierAnswer;
  try {
    answer = await supplier.place({ key, eventId: order.eventId, quantity }, supplierUrl, signal);
  } catch (error) {
    return failAttempt(context, order, error, signal);
  }
  switch (answer.kind) {
    case "accepted":
      await markPlaced(database, order, answer.reference);
      return { kind: "done" };
    case "delivered":
      return takeDelivery(context, order, answer);
  }
}

async function explainWhyNotOpen(
  database: Database,
  eventId: string | null,
  orderId: string,
): Promise<Placing> {
  const order = eventId === null ? null : await selectRestockOrder(database, eventId, orderId);
  if (order === null) throw new Error(`There is a job for the restock order ${orderId}, but no such order.`);
  switch (order.status) {
    case "placed":
    case "delivered":
      return { kind: "done" };
    case "given_up":
      return { kind: "given_up", reason: order.lastError ?? "It was given up." };
    case "open":
    case "cancelled":
      // It may be opened again at this very moment, with a job of the same id that must not be taken out.
      return { kind: "later", reason: "The restock order is not open." };
  }
}

async function failAttempt(
  context: PlacingContext,
  order: RestockOrder,
  error: unknown,
  signal: AbortSignal,
): Promise<Placing> {
  const reason = error instanceof Error ? error.message : String(error);
  const isFinal = error instanceof ProviderFailure && error.retry === "never";
  if (isFinal) return giveUp(context, order, reason);
  // A worker that is stopped breaks its attempts off, which says nothing about the supplier.
  if (!signal.aborted && order.attempts >= attemptsMax)
    return giveUp(context, order, `Asked ${order.attempts} times in vain. ${reason}`);
  await noteFailedAttempt(context.database, order, reason);
  throw error;
}

async function takeDelivery(
  context: PlacingContext,
  order: RestockOrder,
  { quantity, reference }: Extract<SupplierAnswer, { kind: "delivered" }>,
): Promise<Placing> {
  const { eventId, id: restockOrderId } = order;
  const outcome = await context.desk.submit({
    kind: "receive_delivery",
    eventId,
    restockOrderId,
    quantity,
    reference,
    actor,
  });
  switch (outcome.kind) {
    case "restock_changed":
      return { kind: "done" };
    case "delivery_quantity_mismatch":
      return giveUp(context, order, `The supplier delivered ${quantity} instead of ${outcome.quantity}.`);
    case "capacity_too_high":
      return giveUp(
        context,
        order,
        `It was delivered, but an event can have ${outcome.capacityMax} tickets at most.`,
      );
    case "restock_order_closed":
      return { kind: "later", reason: `It was delivered, but is ${outcome.status} here.` };
    case "overloaded":
    case "database_unavailable":
      throw new Error("The desk could not write down a delivery.");
    default:
      throw new Error(`The delivery of restock order ${restockOrderId} was answered with ${outcome.kind}.`);
  }
}

/** Ends the order where everybody can see it. */
async function giveUp(
  { desk }: PlacingContext,
  { eventId, id: restockOrderId }: RestockOrder,
  reason: string,
): Promise<Placing> {
  const status = "given_up";
  const outcome = await desk.submit({
    kind: "close_restock",
    eventId,
    restockOrderId,
    status,
    reason,
    actor,
  });
  if (outcome.kind === "restock_order_closed") return { kind: "done" };
  if (outcome.kind !== "restock_changed")
    throw new Error(`The restock order ${restockOrderId} could not be given up: ${outcome.kind}.`);
  // Somebody else may have brought it to another end at the same time.
  return isClosed(outcome.order) ? { kind: "given_up", reason } : { kind: "done" };
}
