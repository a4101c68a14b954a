import type { Event } from "../../domain/event.ts";
import type { Page, PageRequest } from "../../kernel/page.ts";
import { selectEventPage } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";

/**
 * Reads a page of the catalogue, newest event first.
 *
 * @param search words of the name or their beginnings; null for all events
 */
export function listEvents(
  { database }: { database: Database },
  search: string | null,
  request: PageRequest,
): Promise<Page<Event>> {
  return selectEventPage(database, search, request);
}
