import type { CallEntry, HistoryEntry, NewEntry } from "../../chaos/history/history-entry.ts";
import type { Books, ReservationRow } from "../../chaos/model/books.ts";
import type { SoundRun } from "./sound-run.ts";

type Draft<Value> = Value extends readonly (infer Member)[]
  ? Draft<Member>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Draft<Value[Key]> }
    : Value;

/** A run that can be spoilt: what its service did is put in place of what it should have done. */
export class BrokenRun {
  readonly books: Draft<Books>;
  readonly ids: SoundRun["ids"];
  entries: HistoryEntry[];

  constructor({ entries, books, ids }: SoundRun) {
    this.books = structuredClone(books) as Draft<Books>;
    this.entries = structuredClone(entries);
    this.ids = ids;
  }

  id(name: string): string {
    const id = this.ids[name];
    if (id === undefined) throw new Error(`The story tells of no ${name}.`);
    return id;
  }

  reservation(name: string): Draft<ReservationRow> {
    return need(this.books.reservations.find(({ id }) => id === this.id(name)));
  }

  reservationOf(cart: string): Draft<ReservationRow> {
    return need(this.books.reservations.findLast(({ cartId }) => cartId === cart));
  }

  event(name: string): Draft<Books["events"][number]> {
    return need(this.books.events.find(({ id }) => id === this.id(name)));
  }

  order(name: string): Draft<Books["orders"][number]> {
    return need(this.books.orders.find(({ id }) => id === this.id(name)));
  }

  payment(name: string): Draft<Books["payments"][number]> {
    return need(this.books.payments.find(({ key }) => key === this.id(name)));
  }

  customer(name: string): Draft<Books["customers"][number]> {
    return need(this.books.customers.find(({ id }) => id === this.id(name)));
  }

  /** Takes away what fits. */
  remove<Name extends Exclude<keyof Books, "readAtMs">>(
    name: Name,
    fits: (row: Books[Name][number]) => boolean,
  ): void {
    const rows = this.books[name] as unknown as Books[Name][number][];
    const index = rows.findIndex(fits);
    if (index < 0) throw new Error(`There is nothing to be taken from ${name}.`);
    rows.splice(index, 1);
  }

  /** Puts a copy beside a row. */
  copy<Row extends object>(rows: Row[], row: Row, changes: Partial<Row>): void {
    rows.push({ ...structuredClone(row), ...changes });
  }

  /** The first entry that fits; changed by whoever wants to. */
  entry(type: CallEntry["type"], f: CallEntry["f"], fits: (entry: CallEntry) => boolean = () => true) {
    const found = this.entries.find(
      (entry) => entry.type === type && "f" in entry && entry.f === f && fits(entry),
    );
    return need(found) as Draft<CallEntry>;
  }

  /** Puts other text in place of an answer. */
  answer(entry: Draft<CallEntry>, changes: object): void {
    entry.body = JSON.stringify({ ...(JSON.parse(entry.body ?? "{}") as object), ...changes });
  }

  /** Removes all that a call has left in the history. */
  forget(call: number): void {
    this.entries = this.entries.filter((entry) => !("call" in entry) || entry.call !== call);
  }

  /** Makes what was done a refusal. */
  refuse(entry: Draft<CallEntry>, code: string): void {
    Object.assign(entry, { type: "fail", status: 409, body: JSON.stringify({ code, request_id: "r" }) });
  }

  add(entry: NewEntry): void {
    this.entries.push({ run: "simulated", seed: 1, seq: this.entries.length + 1, ...entry });
  }
}

export function need<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("The story does not tell of that.");
  return value;
}
