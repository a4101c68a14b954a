import type { Event } from "../../domain/event.ts";
import { selectEvent } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";

/** Reads an event with its stock. @returns null when there is none with that id */
export function findEvent({ database }: { database: Database }, eventId: string): Promise<Event | null> {
  return selectEvent(database, eventId);
}
