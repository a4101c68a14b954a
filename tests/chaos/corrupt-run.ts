import type { CallEntry } from "../../chaos/history/history-entry.ts";
import type { Invariant } from "../../chaos/model/verdict.ts";
import type { BrokenRun } from "./broken-run.ts";

/** One thing that goes wrong in a service, told by what it leaves behind. */
export interface Corruption {
  readonly name: string;
  readonly promise: Invariant;
  /** @returns whether there was anything of that kind to be spoilt */
  readonly spoil: (run: BrokenRun, which: number) => boolean;
}

type Row = BrokenRun["books"]["reservations"][number];
type OkEntry = ReturnType<typeof settledEntries>[number];

export const corruptions: readonly Corruption[] = [
  ofRow("an acknowledged hold is not there", "lost", isAcknowledged, (row, run) =>
    run.remove("reservations", ({ id }) => id === row.id),
  ),
  ofRow("an acknowledged hold is somebody else's", "lost", isAcknowledged, (row) => (row.userId = "thief")),
  ofRow("an acknowledged hold has another quantity", "lost", isAcknowledged, (row) => (row.quantity += 1)),
  ofRow("a confirmation is lost", "lost", isConfirmedAlone, (row) =>
    Object.assign(row, { status: "expired", confirmedAtMs: null, releasedAtMs: row.expiresAtMs }),
  ),
  ofRow("a hold ends too early", "lost", isExpiredAlone, (row) => (row.releasedAtMs = row.expiresAtMs - 1)),
  ofRow("a row comes from nowhere", "unexpected", any, (row, run) =>
    run.copy(run.books.reservations, row, { id: "new", userId: "stranger" }),
  ),
  ofRow("a user has two", "duplicate_active", livesLong, (row, run) =>
    run.copy(run.books.reservations, row, { id: "new", createdAtMs: row.createdAtMs + 1 }),
  ),
  ofRow("more is taken than there is", "oversold", livesLong, (row) => (row.quantity += 1_000)),
  ofRow(
    "a hold is confirmed at its deadline",
    "deadline",
    isConfirmed,
    (row) => (row.confirmedAtMs = row.expiresAtMs),
  ),
  ofRow(
    "a hold is free too late",
    "deadline",
    isExpiredAlone,
    (row) => (row.releasedAtMs = row.expiresAtMs + 1_200),
  ),
  ofRow("a hold is never free", "deadline", isExpiredAlone, (row, run) => {
    Object.assign(row, { status: "held", releasedAtMs: null });
    run.books.readAtMs = row.expiresAtMs + 1_200;
  }),
  ofEvent("a ticket leaks", "conserved", (event) => (event.available -= 1)),
  ofEvent("a counter is wrong", "conserved", (event) => {
    event.available -= 1;
    event.sold += 1;
  }),
  ofAnswer("a hold is refused and there", "refusal_without_effect", isKeyedHold, (entry, run) => {
    // Another call of the same user whose end is in doubt would explain it.
    if (
      run.entries.some(
        (each) => "f" in each && each.f === "hold" && each.user === entry.user && each.call !== entry.call,
      )
    )
      return false;
    run.refuse(entry, "sales_paused");
    return true;
  }),
  ofAnswer("a hold is acknowledged to two", "one_effect", isKeyedHold, (entry, run) => {
    const other = settledEntries(run).find((each) => isKeyedHold(each) && each.call !== entry.call);
    if (other === undefined) return false;
    entry.body = other.body;
    return true;
  }),
  ofAnswer(
    "a repetition is answered otherwise",
    "one_effect",
    ({ attempt, key }) => key !== null && attempt === 1,
    (entry, run) => {
      const repetition = run.entries.find(
        (each) => each.type === "ok" && each.call === entry.call && each.seq > entry.seq,
      ) as OkEntry | undefined;
      if (repetition === undefined) return false;
      repetition.body += " ";
      return true;
    },
  ),
  ofAnswer("a call is never settled", "alive", any, (entry, run) => {
    run.entries = run.entries.filter(
      (each) => !("call" in each && each.call === entry.call && each.type !== "invoke"),
    );
  }),
  {
    name: "sold out is said while there are tickets",
    promise: "refusal_without_effect",
    spoil: (run, which) => {
      const free = run.books.events.filter(({ available }) => available > 0);
      const event = free[which % Math.max(1, free.length)];
      const atMs = run.entries.at(-1)?.t_mono ?? 0;
      if (event === undefined) return false;
      const about = { f: "hold", user: "zoe", event: event.id, key: "key-999", subject: null } as const;
      const common = { call: 999, attempt: 1, ...about, reservation_id: null };
      run.add({ type: "invoke", t_mono: atMs, ...common, status: null, body: "{}" });
      run.add({
        type: "fail",
        t_mono: atMs,
        ...common,
        status: 409,
        body: JSON.stringify({ code: "sold_out" }),
      });
      return true;
    },
  },
  ofOrder("a paid order was not charged", (order, run) =>
    run.remove("payments", ({ key }) => key === order.id),
  ),
  ofOrder("a cart has a second order", (order, run) => run.copy(run.books.orders, order, { id: "new" })),
];

function ofRow(
  name: string,
  promise: Invariant,
  fits: (row: Row, run: BrokenRun) => boolean,
  spoil: (row: Row, run: BrokenRun) => unknown,
): Corruption {
  return one(name, promise, (run) => run.books.reservations.filter((row) => fits(row, run)), spoil);
}

function ofEvent(
  name: string,
  promise: Invariant,
  spoil: (event: BrokenRun["books"]["events"][number]) => unknown,
) {
  return one(name, promise, (run) => run.books.events, spoil);
}

function ofOrder(
  name: string,
  spoil: (order: BrokenRun["books"]["orders"][number], run: BrokenRun) => unknown,
): Corruption {
  return one(name, "one_effect", (run) => run.books.orders.filter(({ status }) => status === "paid"), spoil);
}

function ofAnswer(
  name: string,
  promise: Invariant,
  fits: (entry: OkEntry) => boolean,
  spoil: (entry: OkEntry, run: BrokenRun) => unknown,
): Corruption {
  return one(name, promise, (run) => settledEntries(run).filter(fits), spoil);
}

/** @param spoil may still find that nothing can be done, and then returns false */
function one<Choice>(
  name: string,
  promise: Invariant,
  choicesOf: (run: BrokenRun) => readonly Choice[],
  spoil: (choice: Choice, run: BrokenRun) => unknown,
): Corruption {
  return {
    name,
    promise,
    spoil: (run, which) => {
      const choices = choicesOf(run);
      const choice = choices[which % Math.max(1, choices.length)];
      return choice !== undefined && spoil(choice, run) !== false;
    },
  };
}

function settledEntries(run: BrokenRun): { -readonly [Key in keyof CallEntry]: CallEntry[Key] }[] {
  return run.entries.filter((entry): entry is CallEntry => entry.type === "ok");
}

function any(): boolean {
  return true;
}

function isAcknowledged({ id }: Row, run: BrokenRun): boolean {
  return settledEntries(run).some(({ f, body }) => f === "hold" && (body ?? "").includes(`"id":"${id}"`));
}

function isConfirmed({ confirmedAtMs }: Row): boolean {
  return confirmedAtMs !== null;
}

function isConfirmedAlone({ cartId, status }: Row): boolean {
  return cartId === null && status === "confirmed";
}

function isExpiredAlone({ cartId, status }: Row): boolean {
  return cartId === null && status === "expired";
}

function livesLong({ createdAtMs, releasedAtMs }: Row): boolean {
  return (releasedAtMs ?? Infinity) > createdAtMs + 2;
}

function isKeyedHold({ f, key, attempt }: CallEntry): boolean {
  return f === "hold" && key !== null && attempt === 1;
}
