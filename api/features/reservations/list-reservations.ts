import type { Reservation, ReservationStatus } from "../../domain/reservation.ts";
import type { Page, PageRequest } from "../../kernel/page.ts";
import { selectEvent } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";
import { selectReservationPage } from "../../store/reservations.ts";

/** Reads a page of an event's reservations, newest first. @returns null when there is no such event */
export async function listReservations(
  { database }: { database: Database },
  filter: { eventId: string; userId: string | null; status: ReservationStatus | null },
  request: PageRequest,
): Promise<Page<Reservation> | null> {
  const page = await selectReservationPage(database, filter, request);
  if (page.total === 0 && (await selectEvent(database, filter.eventId)) === null) return null;
  return page;
}
