import type { ReservationRow } from "./books.ts";
import { type Call, seqsOf, userOf } from "./call.ts";
import { describe, tellRow } from "./check-acknowledged.ts";
import { type JudgedRun, windowOf } from "./judged-run.ts";
import { isWithin, type Window } from "./window.ts";
import { canBeAllHeld, canBeFree, canBeSoldOut, type StockState } from "./stock-timeline.ts";

/**
 * How old what a refusal rests on may be, where it need not come from under the lock: a process remembers the stock of
 * an event for 500 ms at most, and who has just got tickets for 200 ms. Only holds without a key are refused from memory.
 */
const memoryMaxMs = 500;

/**
 * `refusal_without_effect`, where the refusal is about the stock: there was a moment between the first attempt and the
 * answer at which it was true, in some order of what happened. A call without a key may have been refused from memory,
 * so that its moment may be earlier by `memoryMaxMs`. Moments of the run become times of the database by the samples
 * (`DatabaseTime`, which adds its own tolerance).
 *
 * - `sold_out`: all tickets were sold. `all_held`: none was free, and some were held. `not_enough_left`: as many were free
 *   as it told, or with what the asker held in the cart itself. `capacity_too_low`: as many were taken as it told.
 * - `duplicate_reservation`: the one that it names was active, and of this user or of the user's phone.
 * - `hold_expired`: the reservation had ended. `already_confirmed`: it was confirmed. `reservation_not_found`, told to
 *   whoever owns it: it was not there.
 */
export function checkRefusals(run: JudgedRun): void {
  for (const call of run.calls.all) {
    if (call.settled?.kind !== "fail") continue;
    const fault = faultOfRefusal(run, call, momentsOf(run, call));
    if (fault === null) continue;
    const message = `${describe(call)} was refused as ${call.settled.code}, but ${fault}.`;
    const place = { seqs: seqsOf(call), event: call.event, user: userOf(call) };
    run.breaches.add("refusal_without_effect", message, place);
  }
}

/** When a refusal must have been true. An answer settles its own attempt, so nothing later counts. */
function momentsOf({ time, ...run }: JudgedRun, call: Call): Window {
  const { fromMs } = windowOf({ time, ...run }, call);
  const isFromMemory = call.f === "hold" && call.key === null;
  return {
    fromMs: isFromMemory ? fromMs - memoryMaxMs : fromMs,
    toMs: call.settled === null ? Infinity : time.latest(call.settled.atMs),
  };
}

function faultOfRefusal(run: JudgedRun, call: Call, window: Window): string | null {
  switch (call.settled?.code) {
    case "sold_out":
      return allows(run, call, window, canBeSoldOut) ? null : "not all tickets were sold";
    case "all_held":
      return allows(run, call, window, canBeAllHeld) ? null : "tickets were free, or none was held";
    case "not_enough_left":
      return faultOfShortage(run, call, window);
    case "capacity_too_low":
      return allows(run, call, window, ({ taken }) => isBetween(taken, call.settled?.count ?? -1))
        ? null
        : "never were so many taken";
    case "duplicate_reservation":
      return faultOfDuplicate(run, call, window);
    case "hold_expired":
    case "already_confirmed":
    case "reservation_not_found":
      return faultOfState(run, call, window, call.settled.code);
    default:
      return null;
  }
}

function allows(
  { stock }: JudgedRun,
  { event }: Call,
  window: Window,
  fits: (state: StockState) => boolean,
): boolean {
  const timeline = stock.get(event ?? "");
  // Of an event that the books do not have, nothing can be said.
  return timeline === undefined || timeline.allows(window, fits);
}

function faultOfShortage(run: JudgedRun, call: Call, window: Window): string | null {
  const told = call.settled?.count;
  if (told === null || told === undefined) return "it did not tell how many are left";
  if (told <= 0 || told >= (call.asked.quantity ?? 1))
    return `${told} are as many as were asked for, or none`;
  const isFree = (count: number) => allows(run, call, window, (state) => canBeFree(state, count));
  if (isFree(told)) return null;
  // Whoever changes an item of a cart may keep what it has.
  const own = call.f === "put_item" ? (run.books.reservationsOfCart.get(call.subject ?? "") ?? []) : [];
  const isOwn = own.some(
    (row) => row.eventId === call.event && overlaps(row, window) && isFree(told - row.quantity),
  );
  return isOwn ? null : `there never were ${told} free`;
}

function faultOfDuplicate(run: JudgedRun, call: Call, window: Window): string | null {
  const named = call.settled?.named ?? "";
  const row = run.books.reservations.get(named);
  if (row === undefined) return `there is no reservation ${named}`;
  const user = userOf(call);
  const isOfPhone =
    row.verifiedPhone !== null && run.books.customers.get(user ?? "")?.phoneNumber === row.verifiedPhone;
  if (row.eventId !== call.event || (row.userId !== user && !isOfPhone)) return `that is ${tellRow(row)}`;
  return overlaps(row, window) ? null : `${tellRow(row)} was not active then`;
}

function faultOfState(
  run: JudgedRun,
  call: Call,
  window: Window,
  code: "hold_expired" | "already_confirmed" | "reservation_not_found",
): string | null {
  const row = run.books.reservations.get(call.subject ?? "");
  if (row === undefined) return null;
  switch (code) {
    case "hold_expired":
      return (row.releasedAtMs ?? Infinity) <= window.toMs ? null : `${tellRow(row)} had not ended`;
    case "already_confirmed":
      return (row.confirmedAtMs ?? Infinity) <= window.toMs ? null : `${tellRow(row)} was not confirmed`;
    case "reservation_not_found":
      return row.userId === call.user && row.createdAtMs < window.fromMs ? `${tellRow(row)} was there` : null;
  }
}

function overlaps({ createdAtMs, releasedAtMs }: ReservationRow, { fromMs, toMs }: Window): boolean {
  return createdAtMs <= toMs && (releasedAtMs ?? Infinity) >= fromMs;
}

function isBetween({ low, high }: { readonly low: number; readonly high: number }, count: number): boolean {
  return isWithin({ fromMs: low, toMs: high }, count);
}
