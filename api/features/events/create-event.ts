import type { CreateEventBody } from "../../contract/events.ts";
import type { Event } from "../../domain/event.ts";
import { isRestockDue } from "../../domain/open-restock.ts";
import { newRestockOrder } from "../../domain/restock-order.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeId, makeReservationId } from "../../kernel/ids.ts";
import { insertEvent } from "../../store/events.ts";
import type { JobStatements } from "../../store/job-queue.ts";
import type { Database } from "../../store/open-database.ts";
import { addRestockOrder } from "../../store/restock-orders.ts";
import { runOnce } from "../../store/run-once.ts";
import { instantMs, restockOf } from "./read-terms.ts";

/**
 * Creates an event with its whole capacity free. One that begins with less than its threshold has a restock order at
 * once.
 *
 * @param render turns the event into the reply that is kept under the request's idempotency key
 */
export function createEvent(
  { database, jobStatements }: { database: Database; jobStatements: JobStatements },
  body: CreateEventBody,
  claim: IdempotencyClaim | null,
  render: (event: Event) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) => {
    const event = await insertEvent(transaction, {
      id: makeId(),
      name: body.name,
      capacity: body.capacity,
      priceCents: body.price_cents,
      currency: body.currency,
      holdSeconds: body.hold_seconds,
      maxQuantity: body.max_quantity,
      maxExtensions: body.max_extensions,
      salesStartAtMs: instantMs(body.sales_start_at),
      salesEndAtMs: instantMs(body.sales_end_at),
      requiresVerifiedPhone: body.requires_verified_phone,
      restock: restockOf(body.restock),
    });
    await orderMore(transaction, event, jobStatements);
    return render(event);
  });
}

async function orderMore(transaction: Database, event: Event, jobStatements: JobStatements): Promise<void> {
  const { id: eventId, number, restock, createdAtMs } = event;
  if (restock === null || !isRestockDue(event, createdAtMs)) return;
  const id = makeReservationId(number, createdAtMs);
  const { quantity, supplierUrl } = restock;
  await addRestockOrder(transaction, newRestockOrder({ id, eventId, quantity, supplierUrl, createdAtMs }));
  await jobStatements.enqueue(transaction, [{ queue: "place-restock-order", id, startAfterSeconds: 0 }]);
}
