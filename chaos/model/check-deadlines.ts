import type { EventRow, OrderRow, ReservationRow } from "./books.ts";
import { tellRow } from "./check-acknowledged.ts";
import type { JudgedRun } from "./judged-run.ts";

/** How holds ended that reached their deadlines. */
export interface ReleaseFigures {
  readonly expired: number;
  /** Later than allowed, whatever the reason. */
  readonly late: number;
  readonly worstLateMs: number;
  /** Without what faults and their recoveries took. */
  readonly worstUndisturbedMs: number;
}

/**
 * `deadline`, by the database's times:
 *
 * - Nothing is confirmed or extended at its deadline or later. While an order is pending, the deadline of its holds is the
 *   end of its grace, which the row itself carries; what a late payment buys is a reservation of its own.
 * - The tickets of a hold are free within `releaseMaxMs` of its deadline. Time in which a fault was done to the system, or
 *   in which it had not recovered, does not count; faults that cannot delay a release excuse nothing. Nor does time count
 *   that never was, because somebody set the database's clock to a later one: how long it took is told by the run's clock.
 *   A hold that an order kept past its cart's deadline is due when the order comes to nothing.
 */
export function checkDeadlines(run: JudgedRun, releaseMaxMs: number): ReleaseFigures {
  const { books, breaches } = run;
  let [expired, late, worstLateMs, worstUndisturbedMs] = [0, 0, 0, 0];
  for (const { reservations, readAtMs } of books.all) {
    for (const row of reservations) {
      const place = { event: row.eventId, user: row.userId };
      const fault = faultOfUse(row, books.events.get(row.eventId));
      if (fault !== null) breaches.add("deadline", `${tellRow(row)} was ${fault}.`, place);

      const freeAtMs = row.status === "expired" ? row.releasedAtMs : row.status === "held" ? readAtMs : null;
      if (freeAtMs === null) continue;
      const dueAtMs = dueAt(row, books.ordersOfCart.get(row.cartId ?? "") ?? []);
      if (row.status === "expired") expired += 1;
      if (freeAtMs - dueAtMs <= releaseMaxMs) continue;
      const { tookMs, undisturbedMs } = measure(run, dueAtMs, freeAtMs);
      if (tookMs <= releaseMaxMs) continue;
      late += 1;
      worstLateMs = Math.max(worstLateMs, tookMs);
      worstUndisturbedMs = Math.max(worstUndisturbedMs, undisturbedMs);
      if (undisturbedMs <= releaseMaxMs) continue;
      const what = row.status === "held" ? "is still held" : "was free";
      const message = `${tellRow(row)} ${what} ${Math.round(tookMs)} ms after its deadline, ${Math.round(undisturbedMs)} of them without a fault.`;
      breaches.add("deadline", message, place);
    }
  }
  return { expired, late, worstLateMs, worstUndisturbedMs };
}

/** How long it was from one time of the database to another, at least, and how much of that was without a fault. */
function measure({ time, faults }: JudgedRun, fromMs: number, toMs: number) {
  const [begin, end] = [time.toRun(fromMs)?.toMs, time.toRun(toMs)?.fromMs];
  if (begin === undefined || end === undefined)
    return { tookMs: toMs - fromMs, undisturbedMs: faults.records.size === 0 ? toMs - fromMs : 0 };
  return { tookMs: Math.max(0, end - begin), undisturbedMs: faults.undisturbedMs(begin, end) };
}

/** What was done to a reservation too late; null for nothing. */
function faultOfUse(row: ReservationRow, event: EventRow | undefined): string | null {
  const { confirmedAtMs, expiresAtMs, extendedAtMs, createdAtMs, cartId } = row;
  if (confirmedAtMs !== null && confirmedAtMs >= expiresAtMs)
    return `confirmed ${confirmedAtMs - expiresAtMs} ms after its deadline`;
  const count = extendedAtMs.length;
  const periodMs = 1000 * (event?.holdSeconds ?? 0);
  // Of a hold by itself, each extension adds one period: so every deadline that it has had is known.
  const isPlain = cartId === null && expiresAtMs === createdAtMs + (count + 1) * periodMs;
  for (const [index, atMs] of extendedAtMs.entries()) {
    const deadlineMs = isPlain ? createdAtMs + (index + 1) * periodMs : expiresAtMs;
    if (atMs >= deadlineMs) return `extended ${atMs - deadlineMs} ms after its deadline`;
  }
  return null;
}

function dueAt({ id, expiresAtMs }: ReservationRow, orders: readonly OrderRow[]): number {
  const settled = orders.flatMap(({ status, settledAtMs, items }) => {
    const cameToNothing = status === "declined" || status === "cancelled";
    const isItem = items.some(({ reservationId }) => reservationId === id);
    return cameToNothing && isItem && settledAtMs !== null ? [settledAtMs] : [];
  });
  return Math.max(expiresAtMs, ...settled);
}
