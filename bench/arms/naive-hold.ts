import { randomUUIDv7 } from "node:crypto";
import type pg from "pg";
import { outcomeReply } from "../../api/http/outcome-reply.ts";
import type { Reply } from "../../api/http/reply.ts";
import type { HoldRequest } from "./hold-request.ts";

interface StockRow {
  readonly available: number;
  readonly hold_seconds: number;
  readonly now: Date;
}

const lockEvent = {
  name: "naive-lock-event",
  text: "select available, hold_seconds, clock_timestamp() as now from events where id = $1 for update",
};
const takeStock = {
  name: "naive-take-stock",
  text: `update events set available = available - $2, held = held + $2, version = version + 1 where id = $1`,
};
const insertHold = {
  name: "naive-insert-hold",
  text: `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at)
    values ($1, $2, $3, $4, 'held', $5, $6)`,
};

/**
 * Holds tickets in one transaction for each request, the way most services do it: correct, and every buyer of
 * an event waits for the commits of all before. Statements are prepared, as in the service.
 */
export async function holdInOwnTransaction(pool: pg.Pool, request: HoldRequest): Promise<Reply> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const reply = await holdUnderLock(client, request);
    await client.query("commit");
    client.release();
    return reply;
  } catch (error) {
    // Closing the connection rolls back, whatever state it is in.
    client.release(true);
    throw error;
  }
}

async function holdUnderLock(client: pg.PoolClient, request: HoldRequest): Promise<Reply> {
  const { requestId, body } = request;
  const eventId = request.param("event_id");
  const stock = (await client.query<StockRow>({ ...lockEvent, values: [eventId] })).rows[0];
  if (stock === undefined) return outcomeReply({ kind: "event_not_found" }, requestId);
  if (stock.available < body.quantity) return outcomeReply({ kind: "sold_out" }, requestId);

  const createdAtMs = stock.now.getTime();
  const expiresAtMs = createdAtMs + stock.hold_seconds * 1000;
  const id = randomUUIDv7();
  await client.query("savepoint hold");
  await client.query({ ...takeStock, values: [eventId, body.quantity] });
  try {
    const values = [eventId, id, body.user_id, body.quantity, new Date(expiresAtMs), new Date(createdAtMs)];
    await client.query({ ...insertHold, values });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // Going back to the savepoint returns the stock as well.
    await client.query("rollback to savepoint hold");
    return outcomeReply({ kind: "duplicate_reservation", reservationId: id }, requestId);
  }
  const reservation = {
    id,
    eventId,
    userId: body.user_id,
    quantity: body.quantity,
    status: "held" as const,
    expiresAtMs,
    createdAtMs,
    confirmedAtMs: null,
    releasedAtMs: null,
    cause: null,
    cartId: null,
    verifiedPhone: null,
    extendedAtMs: [],
  };
  return outcomeReply({ kind: "held", reservation }, requestId);
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
