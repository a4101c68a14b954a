import type { Event } from "../domain/event.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { StockBooks } from "../domain/stock-books.ts";
import type { LockedState } from "./read-under-lock.ts";
import type { DeskOutcome } from "./waiting-command.ts";

/** The command needs an event or a cart that another transaction has locked. Nothing was done. */
export interface LockedElsewhere {
  readonly kind: "locked";
  /** The first such event, or else the cart. */
  readonly place: string;
}

/** An Error stands for a command that failed alone. */
export type BatchOutcome = DeskOutcome | Error | LockedElsewhere;

/** Whether a command is still to be served, when somebody else has ended. */
export function isLocked(outcome: BatchOutcome | undefined): outcome is LockedElsewhere {
  return outcome !== undefined && !(outcome instanceof Error) && outcome.kind === "locked";
}

/** What one transaction did for each of its commands, in their order. */
export interface BatchReport {
  readonly outcomes: readonly BatchOutcome[];
  /** The events as they are now, and when their next hold ends as far as that was looked up. */
  readonly events: readonly { readonly event: Event; readonly nextExpiryAtMs: number | null }[];
  /** Every reservation that was made or changed, as it is now. */
  readonly reservations: readonly Reservation[];
  readonly nowMs: number;
}

/** Tells what became of a batch. @param written every reservation that its transaction writes */
export function reportBatch(
  outcomes: readonly BatchOutcome[],
  state: LockedState,
  books: StockBooks,
  written: readonly Reservation[],
): BatchReport {
  const events: { event: Event; nextExpiryAtMs: number | null }[] = [];
  for (const id of state.events.keys()) {
    const event = books.event(id);
    if (event === undefined) continue;
    events.push({ event, nextExpiryAtMs: event.available > 0 ? null : books.nextExpiryAtMs(id) });
  }
  return { outcomes, events, reservations: written, nowMs: state.nowMs };
}
