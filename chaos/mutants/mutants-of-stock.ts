import type { Mutant } from "./mutant.ts";

/** Mistakes about who gets a ticket, and what becomes of it. */
export const mutantsOfStock: readonly Mutant[] = [
  {
    name: "no-row-lock",
    mistake: "the event's row is read without a lock",
    edits: [
      {
        file: "api/store/events.ts",
        find: ' order by id\n      for no key update${skipLocked ? " skip locked" : ""}`',
        replace: " order by id`",
      },
    ],
    scenario: "lock-race",
    seconds: 10,
    breaks: ["oversold", "conserved"],
  },
  {
    name: "duplicate-not-refunded",
    mistake: "whoever has a ticket already and asks again takes one from the stock all the same",
    edits: [
      {
        file: "api/domain/decide-stock.ts",
        find: "  if (refusal !== null) return refusal;\n\n  const reservation = newHold({",
        replace: `  if (refusal?.kind === "duplicate_reservation" && event.available > 0)
    books.changeEvent(
      event,
      { available: event.available - 1, held: event.held + 1 },
      { eventId: event.id, action: "changed", actor: "mutant", reason: null },
    );
  if (refusal !== null) return refusal;

  const reservation = newHold({`,
      },
    ],
    scenario: "lock-race",
    seconds: 10,
    breaks: ["conserved"],
  },
  {
    name: "one-per-person-forgotten",
    mistake: "nothing keeps a user from a second reservation, neither a rule nor an index",
    edits: [
      {
        file: "api/domain/refuse-duplicate.ts",
        find: `  if (!isOverdue(active, books.nowMs)) return { kind: "duplicate_reservation", reservationId: active.id };`,
        replace: `  if (!isOverdue(active, books.nowMs)) return null;`,
      },
      {
        file: "migrations/0001-create-tables.ts",
        find: "create unique index reservations_one_active",
        replace: "create index reservations_one_active",
      },
    ],
    scenario: "lock-race",
    seconds: 10,
    breaks: ["duplicate_active"],
  },
  {
    name: "sold-out-too-early",
    mistake: '"sold out" is said while tickets are only held',
    edits: [
      {
        file: "api/domain/refuse-hold.ts",
        find: `event.held > 0 ? { kind: "all_held", nextExpiryAtMs } : { kind: "sold_out" }`,
        replace: `event.held > 0 && nextExpiryAtMs === -1 ? { kind: "all_held", nextExpiryAtMs } : { kind: "sold_out" }`,
      },
    ],
    scenario: "lock-race",
    seconds: 10,
    breaks: ["refusal_without_effect"],
  },
  ignoreExpiry("expiry-ignored-at-confirm", "confirmed", "decideConfirm", "ConfirmCommand"),
  ignoreExpiry("expiry-ignored-at-extension", "extended", "decideExtend", "ExtendCommand"),
  {
    name: "sweeper-releases-twice",
    mistake: "a hold that is swept gives its tickets back twice",
    edits: [
      {
        file: "api/domain/decide-stock.ts",
        find: `    return { kind: "not_due" };
  return {`,
        replace: `    return { kind: "not_due" };
  const { held } = books.event(reservation.eventId) ?? { held: 0 };
  if (held >= 2 * reservation.quantity) books.release(reservation, "expired", "deadline_passed");
  return {`,
      },
    ],
    scenario: "expiry",
    seconds: 14,
    breaks: ["oversold", "conserved"],
  },
  {
    name: "sweeper-asleep",
    mistake: "nobody sweeps, so that a hold that has ended keeps its tickets from others",
    edits: [
      {
        file: "api/jobs/sweep-overdue-holds.ts",
        find: "overdue.map((key) =>",
        replace: "overdue.slice(overdue.length).map((key) =>",
      },
    ],
    scenario: "expiry",
    seconds: 14,
    breaks: ["deadline"],
  },
  {
    name: "cancelled-twice-returned-twice",
    mistake: "cancelling what was cancelled already gives its tickets back again",
    edits: [
      {
        file: "api/domain/decide-stock.ts",
        find: `  if (ended !== null) return { kind: "cancelled", reservation: ended };`,
        replace: `  const { sold } = books.event(reservation.eventId) ?? { sold: 0 };
  if (ended?.status === "cancelled" && sold >= ended.quantity) books.release(ended, "cancelled", "cancelled_by_service");
  if (ended !== null) return { kind: "cancelled", reservation: ended };`,
      },
    ],
    scenario: "calm",
    seconds: 14,
    breaks: ["conserved", "oversold", "lost"],
  },
  {
    name: "time-from-the-machine",
    mistake: "deadlines are made by the worker's clock, not by the database's",
    edits: [
      {
        file: "api/desk/read-under-lock.ts",
        find: "nowMs: clock.now,",
        replace: "nowMs: Date.now(),",
      },
    ],
    scenario: "wrong-clock",
    seconds: 14,
    breaks: ["deadline"],
  },
];

/** A deadline is forgotten where one command is decided. */
function ignoreExpiry(name: string, done: string, decide: string, command: string): Mutant {
  const found = `function ${decide}(books: StockBooks, command: ${command}): StockOutcome {
  const found = findReservation(books, command);
  if (found === null) return { kind: "reservation_not_found" };
  const { event, reservation } = found;
  const ended = `;
  return {
    name,
    mistake: `a hold can be ${done} after its deadline, until somebody sweeps it`,
    edits: [
      {
        file: "api/domain/decide-stock.ts",
        find: `${found}endIfOverdue(books, reservation);`,
        replace: `${found}reservation.status === "held" ? null : endIfOverdue(books, reservation);`,
      },
    ],
    scenario: "expiry",
    seconds: 14,
    breaks: ["deadline"],
  };
}
