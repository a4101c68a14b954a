import type { Desk } from "../desk/desk.ts";
import type { Database } from "../store/open-database.ts";
import { selectNextDeadlineInMs, selectOverdueHolds } from "../store/reservations.ts";

/** Holds in one round. Each goes through the desk as a command, a limited share of each transaction. */
const roundMax = 500;
/** A hold made after the look may end this soon, so the sweeper never sleeps longer. */
const pauseMaxMs = 250;

/**
 * Releases one round of overdue holds. It only tidies: the deadline is judged again under the lock, wherever a hold is
 * used. Several sweepers at once do no harm, and a dead one costs freshness only.
 *
 * @returns how long the sweeper may rest, in ms
 */
export async function sweepOnce({ database, desk }: { database: Database; desk: Desk }): Promise<number> {
  const overdue = await selectOverdueHolds(database, roundMax);
  const outcomes = await Promise.all(
    overdue.map(({ eventId, id }) => desk.submitBackground({ kind: "expire", eventId, reservationId: id })),
  );
  const isSwept = outcomes.every(({ kind }) => kind === "expired" || kind === "not_due");
  if (!isSwept) return pauseMaxMs;
  if (overdue.length === roundMax) return 0;
  const nextInMs = await selectNextDeadlineInMs(database);
  return nextInMs === null ? pauseMaxMs : Math.min(Math.max(nextInMs, 1), pauseMaxMs);
}
