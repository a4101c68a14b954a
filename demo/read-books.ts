import type { EventReply } from "../api/contract/events.ts";
import type { ReservationReply } from "../api/contract/reservations.ts";
import type { ServiceBooks } from "./compare-books.ts";
import type { ReservationPage } from "./back-office.ts";

export interface Bookkeeper {
  readEvent(eventId: string): Promise<EventReply>;
  readReservations(eventId: string, after: string | null): Promise<ReservationPage>;
}

/** More would take longer to read than the sale took. */
const reservationsReadMax = 100_000;

/**
 * Reads an event with every reservation on it, up to 100,000.
 *
 * @throws DemoError when the service does not answer any more
 */
export async function readBooks(
  keeper: Bookkeeper,
  eventId: string,
  readMax = reservationsReadMax,
): Promise<ServiceBooks> {
  const before = await keeper.readEvent(eventId);
  const reservations: ReservationReply[] = [];
  let page = await keeper.readReservations(eventId, null);
  reservations.push(...page.reservations);
  while (page.next !== null && reservations.length < readMax) {
    page = await keeper.readReservations(eventId, page.next);
    reservations.push(...page.reservations);
  }
  const after = await keeper.readEvent(eventId);
  return { before, after, reservations, isComplete: page.next === null, total: page.total };
}
