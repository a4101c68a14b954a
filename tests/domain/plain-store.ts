import type { StockCommand, StockOutcome } from "../../api/domain/commands.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import type { Event } from "../../api/domain/event.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { type AuditEntry, StockBooks, type StockChanges } from "../../api/domain/stock-books.ts";

/** Rows as a database would keep them. It takes whatever is written and judges nothing; the tests judge it. */
export class PlainStore {
  readonly events = new Map<string, Event>();
  readonly reservations = new Map<string, Reservation>();
  readonly audits: AuditEntry[] = [];

  /** Opens books with no more than the commands need, as the desk does. */
  open(commands: readonly StockCommand[], nowMs: number): StockBooks {
    const eventIds = new Set(commands.map(({ eventId }) => eventId));
    const rows = [...this.reservations.values()];
    const needed = rows.filter((row) => commands.some((command) => isNeeded(row, command)));
    const earliest = new Map<string, Reservation[]>();
    const events = [...this.events.values()].filter(({ id }) => eventIds.has(id));
    for (const event of events.filter((each) => isShort(each, commands))) {
      const holds = rows.filter(({ eventId, status }) => eventId === event.id && status === "held");
      earliest.set(
        event.id,
        holds.sort((a, b) => a.expiresAtMs - b.expiresAtMs),
      );
    }
    return new StockBooks(events, needed, earliest, nowMs);
  }

  /** Decides the commands in one transaction and keeps what it changed. */
  transact(
    commands: readonly StockCommand[],
    nowMs: number,
    makeId: () => string,
  ): { outcomes: StockOutcome[]; changes: StockChanges } {
    const books = this.open(commands, nowMs);
    const outcomes = commands.map((command) => decideStock(books, command, makeId));
    const changes = books.changes();
    this.write(changes);
    return { outcomes, changes };
  }

  /** Replays changes: rows that are updated must be there, rows that are inserted must not. */
  write(changes: StockChanges): void {
    for (const row of changes.updated) {
      if (!this.reservations.has(row.id)) throw new Error(`Updated ${row.id}, which is not there.`);
      this.reservations.set(row.id, row);
    }
    for (const row of changes.inserted) {
      if (this.reservations.has(row.id)) throw new Error(`Inserted ${row.id} twice.`);
      this.reservations.set(row.id, row);
    }
    for (const event of changes.events) this.events.set(event.id, event);
    for (const event of changes.termsChanged) this.events.set(event.id, event);
    this.audits.push(...changes.audits);
  }

  copy(): PlainStore {
    const copied = new PlainStore();
    for (const [id, event] of this.events) copied.events.set(id, event);
    for (const [id, row] of this.reservations) copied.reservations.set(id, row);
    copied.audits.push(...this.audits);
    return copied;
  }
}

function isNeeded(row: Reservation, command: StockCommand): boolean {
  if (row.eventId !== command.eventId) return false;
  if ("reservationId" in command) return command.reservationId === row.id;
  const isActive = row.status === "held" || row.status === "confirmed";
  return command.kind === "hold" && isActive && command.userId === row.userId;
}

/** Whether some of these commands may find too few tickets free. */
function isShort(event: Event, commands: readonly StockCommand[]): boolean {
  const mine = commands.filter(({ eventId }) => eventId === event.id);
  const asked = mine.reduce((sum, command) => sum + (command.kind === "hold" ? command.quantity : 0), 0);
  return event.held > 0 && (event.available < asked || mine.some(({ kind }) => kind === "change_event"));
}
