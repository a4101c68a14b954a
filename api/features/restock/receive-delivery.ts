import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import { reserveKey } from "../../store/idempotency-records.ts";
import type { Database } from "../../store/open-database.ts";

/** Finds the event that an id with an event's number belongs to; null when no event has that number. */
export interface EventFinder {
  locate(id: string): string | Promise<string | null>;
}

/**
 * Takes in what a supplier has delivered: the event's capacity rises once, however often this is asked.
 *
 * @param delivery.actor who reports it, for the audit
 */
export async function receiveDelivery(
  {
    database,
    desk,
    events,
    outcomes,
  }: { database: Database; desk: Desk; events: EventFinder; outcomes: OutcomeCounts },
  delivery: { readonly restockOrderId: string; readonly quantity: number; readonly actor: string },
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  const eventId = await events.locate(delivery.restockOrderId);
  if (eventId === null) {
    outcomes.count("restock_order_not_found");
    return { kind: "restock_order_not_found" };
  }
  // The path names no event, unlike that of any other request that the desk keeps the reply of.
  if (claim !== null && !(await reserveKey(database, claim))) return { kind: "idempotency_mismatch" };
  return desk.submit({ kind: "receive_delivery", eventId, reference: null, ...delivery }, claim);
}
