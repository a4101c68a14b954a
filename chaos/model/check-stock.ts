import type { EventRow } from "./books.ts";
import type { JudgedRun } from "./judged-run.ts";
import { judgeStock } from "./judge-sample.ts";

/** Tickets that are not where they must be, over all events. */
export interface StrayTickets {
  /** The most that were ever taken beyond the capacity, of each event, added up. */
  readonly oversold: number;
  /** Neither free nor of a reservation that has them. */
  readonly leaked: number;
}

/**
 * `oversold`, from the rows: at no moment that any row tells did an event have more tickets held and confirmed than its
 * capacity was then. `conserved`, at the end: each event's counters add up, and are what its reservations add up to.
 */
export function checkStock(run: JudgedRun): StrayTickets {
  const { books, breaches, stock } = run;
  let [oversold, leaked] = [0, 0];
  for (const event of books.events.values()) {
    const moments = stock.get(event.id)?.oversold() ?? [];
    for (const { atMs, taken, capacity } of moments) {
      const message = `${taken} of ${capacity} tickets of event ${event.id} were taken at ${tellTime(atMs)}.`;
      breaches.add("oversold", message, { event: event.id });
    }
    oversold += moments.reduce((most, { taken, capacity }) => Math.max(most, taken - capacity), 0);
    for (const { invariant, message, ...place } of judgeStock(eventStock(event), "at the end", null))
      breaches.add(invariant, message, place);
    leaked += checkSums(run, event);
  }
  return { oversold, leaked };
}

/** @returns how many tickets have leaked */
function checkSums({ books, breaches }: JudgedRun, event: EventRow): number {
  let [held, sold] = [0, 0];
  for (const { status, quantity } of books.reservationsOfEvent.get(event.id) ?? []) {
    if (status === "held") held += quantity;
    if (status === "confirmed") sold += quantity;
  }
  if (held !== event.held || sold !== event.sold) {
    const message =
      `Event ${event.id} counts ${event.held} held and ${event.sold} sold at the end, ` +
      `and its reservations make ${held} and ${sold}.`;
    breaches.add("conserved", message, { event: event.id });
  }
  return Math.max(0, event.capacity - event.available - held - sold);
}

function eventStock({ id, capacity, available, held, sold }: EventRow) {
  return { event: id, capacity, available, held, sold };
}

/** A moment of the database's clock for people. */
function tellTime(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "the beginning";
}
