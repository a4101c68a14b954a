import type { CreateEventBody } from "../../contract/events.ts";
import type { Event } from "../../domain/event.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeId } from "../../kernel/ids.ts";
import { insertEvent } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import { instantMs, restockOf } from "./read-terms.ts";

/**
 * Creates an event with its whole capacity free.
 *
 * @param render turns the event into the reply that is kept under the request's idempotency key
 */
export function createEvent(
  { database }: { database: Database },
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
    return render(event);
  });
}
