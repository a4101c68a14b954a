import type { StockChanges } from "../domain/stock-books.ts";
import { insertAudits } from "../store/event-audits.ts";
import { updateEvent, updateStock } from "../store/events.ts";
import { type IdempotencyRecord, insertRecords } from "../store/idempotency-records.ts";
import { insertHolds, updateReservations } from "../store/reservations.ts";
import type { Statement } from "../store/statement.ts";

/**
 * The statements that make the database agree with the books, in the order in which they must run: what ends a
 * user's reservation comes before what gives the same user a new one.
 */
export function writeChanges(
  changes: StockChanges,
  records: readonly IdempotencyRecord[],
  nowMs: number,
): Statement[] {
  const statements: Statement[] = [];
  if (changes.updated.length > 0) statements.push(updateReservations(changes.updated));
  if (changes.inserted.length > 0) statements.push(insertHolds(changes.inserted));
  if (records.length > 0) statements.push(insertRecords(records));
  if (changes.audits.length > 0) statements.push(insertAudits(changes.audits, nowMs));
  const termsChanged = new Set(changes.termsChanged);
  const stockOnly = changes.events.filter((event) => !termsChanged.has(event));
  if (stockOnly.length > 0) statements.push(updateStock(stockOnly));
  for (const event of changes.termsChanged) statements.push(updateEvent(event));
  return statements;
}
