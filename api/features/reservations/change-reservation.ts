import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import type { Requester } from "../../domain/commands.ts";
import type { EventLocator } from "./locate-event.ts";

/**
 * Confirms, extends or cancels a reservation.
 *
 * @param change.requester a buyer reaches only their own reservations
 * @returns the reservation as it is on disk now, or why it could not be changed
 */
export async function changeReservation(
  { desk, events, outcomes }: { desk: Desk; events: EventLocator; outcomes: OutcomeCounts },
  change: { kind: "confirm" | "extend" | "cancel"; reservationId: string; requester: Requester },
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  const located = events.locate(change.reservationId);
  const eventId = typeof located === "string" ? located : await located;
  if (eventId === null) {
    outcomes.count("reservation_not_found");
    return { kind: "reservation_not_found" };
  }
  return desk.submit({ ...change, eventId }, claim);
}
