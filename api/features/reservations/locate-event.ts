import { eventNumberOf } from "../../kernel/ids.ts";
import { selectEventIdByNumber } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";

const remembered = 100_000;

/**
 * Finds the event that a reservation id belongs to, from the event's number that the id carries.
 * The pairing never changes, so it is remembered; an id that no event made is looked up each time.
 */
export class EventLocator {
  readonly #database: Database;
  readonly #eventIds = new Map<number, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes in a pairing that was seen on the way. */
  learn(eventNumber: number, eventId: string): void {
    if (this.#eventIds.size < remembered) this.#eventIds.set(eventNumber, eventId);
  }

  /** @returns the event's id, at once when it is remembered; null when no event has that number */
  locate(reservationId: string): string | Promise<string | null> {
    const eventNumber = eventNumberOf(reservationId);
    return this.#eventIds.get(eventNumber) ?? this.#lookUp(eventNumber);
  }

  async #lookUp(eventNumber: number): Promise<string | null> {
    // A number outside of the column's range would be an error there, and belongs to no event.
    if (eventNumber > 0x7fff_ffff) return null;
    const eventId = await selectEventIdByNumber(this.#database, eventNumber);
    if (eventId !== null) this.learn(eventNumber, eventId);
    return eventId;
  }
}
