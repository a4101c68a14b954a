import type { Requester } from "../../domain/commands.ts";
import type { Reservation } from "../../domain/reservation.ts";
import type { Database } from "../../store/open-database.ts";
import { selectReservation } from "../../store/reservations.ts";
import type { EventLocator } from "./locate-event.ts";

/** Reads a reservation. @returns null when there is none, or when it is another buyer's */
export async function findReservation(
  { database, events }: { database: Database; events: EventLocator },
  reservationId: string,
  requester: Requester,
): Promise<Reservation | null> {
  const eventId = await events.locate(reservationId);
  if (eventId === null) return null;
  const reservation = await selectReservation(database, { eventId, id: reservationId });
  if (requester.role === "buyer" && reservation?.userId !== requester.userId) return null;
  return reservation;
}
