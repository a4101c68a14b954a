import type { Timeline } from "../contract/dashboard-lists.ts";
import { presentReservationWithHistory } from "../http/present.ts";
import { eventNumberOf } from "../kernel/ids.ts";
import type { Database } from "../store/open-database.ts";
import {
  type FoundReservation,
  searchActiveReservations,
  searchEndedReservations,
  selectReservationByNumber,
} from "../store/search-reservations.ts";

const reservationsMax = 50;
/** The greatest number that an event can have. */
const eventNumberMax = 0x7fff_ffff;

/** The whole life of the reservation with this id; an empty list when there is none. */
export async function traceReservation(database: Database, id: string): Promise<Timeline> {
  const eventNumber = eventNumberOf(id);
  if (eventNumber > eventNumberMax) return { data: [], is_complete: true };
  const found = await selectReservationByNumber(database, { eventNumber, id });
  return { data: found === null ? [] : [present(found)], is_complete: true };
}

/** The reservations of a user, newest first. Ended ones are looked for as long as the search may take. */
export async function traceUser(database: Database, userId: string): Promise<Timeline> {
  const active = await searchActiveReservations(database, userId, reservationsMax);
  const ended = await searchEndedReservations(database, userId, reservationsMax);
  const found = [...active, ...(ended ?? [])]
    .toSorted((a, b) => b.reservation.createdAtMs - a.reservation.createdAtMs)
    .slice(0, reservationsMax);
  return { data: found.map(present), is_complete: ended !== null };
}

function present({ reservation, eventName }: FoundReservation): Timeline["data"][number] {
  return { ...presentReservationWithHistory(reservation), event_name: eventName };
}
