import type { Order } from "../domain/order.ts";
import type { StockChanges } from "../domain/stock-books.ts";
import { type Notice, subjectIdOf } from "../domain/webhook-notices.ts";
import { makeId } from "../kernel/ids.ts";
import { deleteCarts, updateCarts } from "../store/carts.ts";
import { insertAudits } from "../store/event-audits.ts";
import { updateEvent, updateStock } from "../store/events.ts";
import { completeRecords, type IdempotencyRecord, insertRecords } from "../store/idempotency-records.ts";
import { insertOrders, updateOrders } from "../store/orders.ts";
import { insertRestockOrders, updateRestockOfEvents, updateRestockOrders } from "../store/restock-orders.ts";
import { insertReservations, updateReservations } from "../store/reservations.ts";
import type { Statement } from "../store/statement.ts";
import { insertWebhookMessages } from "../store/webhook-messages.ts";
import type { OrderPorts } from "./order-ports.ts";

/** What goes with a transaction's changes. */
export interface ChangesContext {
  /** The replies to keep. */
  readonly records: readonly IdempotencyRecord[];
  /** The orders as they were read. */
  readonly ordersBefore: ReadonlyMap<string, Order>;
  /** What has to be told. */
  readonly notices: readonly Notice[];
  readonly nowMs: number;
}

/**
 * The statements that make the database agree with the books, in the order in which they must run: what ends a
 * user's reservation, a cart's order, an event's restock order or a job comes before what gives the same user, cart,
 * event or queue a new one.
 *
 * @returns nothing when there is nothing but empty carts to take back, which a rollback does as well
 */
export function writeChanges(
  changes: StockChanges,
  { records, ordersBefore, notices, nowMs }: ChangesContext,
  ports: OrderPorts,
): Statement[] {
  const statements: Statement[] = [];
  if (changes.updated.length > 0) statements.push(updateReservations(changes.updated));
  if (changes.inserted.length > 0) statements.push(insertReservations(changes.inserted));
  if (changes.carts.length > 0) statements.push(updateCarts(changes.carts));
  if (changes.updatedOrders.length > 0) statements.push(updateOrders(changes.updatedOrders));
  if (changes.insertedOrders.length > 0) statements.push(insertOrders(changes.insertedOrders));
  if (records.length > 0) statements.push(insertRecords(records));
  const completions = completionsOf(changes.updatedOrders, ordersBefore, ports);
  if (completions.length > 0) statements.push(completeRecords(completions));
  if (changes.audits.length > 0) statements.push(insertAudits(changes.audits, nowMs));
  const termsChanged = new Set(changes.termsChanged);
  const stockOnly = changes.events.filter((event) => !termsChanged.has(event));
  if (stockOnly.length > 0) statements.push(updateStock(stockOnly));
  for (const event of changes.termsChanged) statements.push(updateEvent(event));
  statements.push(...writeRestocks(changes));
  if (changes.finishedJobs.length > 0) statements.push(...ports.jobStatements.remove(changes.finishedJobs));
  if (changes.jobs.length > 0) statements.push(...ports.jobStatements.insert(changes.jobs));
  if (notices.length > 0) statements.push(insertWebhookMessages(messagesOf(notices, nowMs, ports), nowMs));
  if (statements.length > 0 && changes.unusedCarts.length > 0)
    statements.push(deleteCarts(changes.unusedCarts));
  return statements;
}

function writeRestocks({ updatedRestocks, insertedRestocks, restockChanged }: StockChanges): Statement[] {
  const statements: Statement[] = [];
  if (updatedRestocks.length > 0) statements.push(updateRestockOrders(updatedRestocks));
  if (insertedRestocks.length > 0) statements.push(insertRestockOrders(insertedRestocks));
  if (restockChanged.length > 0) statements.push(updateRestockOfEvents(restockChanged));
  return statements;
}

function messagesOf(notices: readonly Notice[], nowMs: number, { renderNotice }: OrderPorts) {
  return notices.map((notice) => ({
    id: makeId(nowMs),
    type: notice.type,
    subjectId: subjectIdOf(notice),
    payload: renderNotice(notice, nowMs),
  }));
}

/** The replies to checkouts whose orders have come to their end. */
function completionsOf(
  updatedOrders: readonly Order[],
  ordersBefore: ReadonlyMap<string, Order>,
  { renderOrder }: OrderPorts,
) {
  return updatedOrders.flatMap((order) => {
    const wasPending = ordersBefore.get(order.id)?.status === "pending";
    if (!wasPending || order.status === "pending" || order.keyDigest === null) return [];
    const key = { eventId: order.cartId, keyDigest: order.keyDigest };
    return [{ key, reply: renderOrder(order) }];
  });
}
