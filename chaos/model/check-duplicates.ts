import { pairName } from "./book-index.ts";
import type { ReservationRow } from "./books.ts";
import { tellRow } from "./check-acknowledged.ts";
import type { JudgedRun } from "./judged-run.ts";

/**
 * `duplicate_active`: of one event, no user had two reservations at the same time, nor any verified phone. A reservation
 * is active from when it was made until its tickets were given back. One that begins in the very moment in which another
 * ends does not overlap it.
 */
export function checkDuplicates({ books, breaches }: JudgedRun): void {
  const check = (whose: string, rows: readonly ReservationRow[]) => {
    let earlier: ReservationRow | null = null;
    for (const row of rows.toSorted(byBeginning)) {
      if (earlier !== null && row.createdAtMs < endOf(earlier)) {
        const message = `${whose} had two at once: ${tellRow(earlier)} and ${tellRow(row)}.`;
        breaches.add("duplicate_active", message, { event: row.eventId, user: row.userId });
      }
      if (earlier === null || endOf(row) > endOf(earlier)) earlier = row;
    }
  };
  const rows = [...books.reservations.values()];
  const byUser = Map.groupBy(rows, ({ eventId, userId }) => pairName(eventId, userId));
  for (const group of byUser.values()) check(`User ${group[0]?.userId}`, group);
  const ofPhones = rows.filter(({ verifiedPhone }) => verifiedPhone !== null);
  const byPhone = Map.groupBy(ofPhones, ({ eventId, verifiedPhone }) =>
    pairName(eventId, verifiedPhone ?? ""),
  );
  for (const group of byPhone.values()) {
    // The same user's are told already.
    if (new Set(group.map(({ userId }) => userId)).size > 1) check(`Phone ${group[0]?.verifiedPhone}`, group);
  }
}

function byBeginning(one: ReservationRow, other: ReservationRow): number {
  return one.createdAtMs - other.createdAtMs || endOf(one) - endOf(other);
}

function endOf({ releasedAtMs }: ReservationRow): number {
  return releasedAtMs ?? Infinity;
}
