import { describeOrderMismatch } from "../store/recount-orders.ts";
import { describeMismatch, recountStock } from "../store/recount-stock.ts";

/** The job's name, by which the operations listener finds its figures. */
export const auditStockJob = "audit-stock";

const pauseMinMs = 60_000;
/** The recount takes at most one part in so many of the database's time. */
const restFactor = 50;
const toldMax = 5;

/** Events or orders break an invariant. The message names the first of them. */
class StockMismatchError extends Error {}

/** What one recount came to. */
export interface StockAudit {
  /** How long to rest, in ms. */
  readonly pauseMs: number;
  readonly figures: {
    readonly events: number;
    readonly orders: number;
    readonly oversold: number;
    /** Events and orders that do not add up. */
    readonly mismatches: number;
  };
  /** What is wrong; null when nothing is. */
  readonly trouble: StockMismatchError | null;
}

/**
 * Compares every event's counters with its reservations, and every order with what was sold for it. It changes nothing:
 * what is wrong is for people to look at.
 */
export async function auditStockOnce({
  connectionString,
  signal,
}: {
  readonly connectionString: string;
  readonly signal: AbortSignal;
}): Promise<StockAudit> {
  const startedAtMs = performance.now();
  const found = await recountStock(connectionString, signal);
  const tookMs = performance.now() - startedAtMs;
  const mismatches = found.mismatchCount + found.orderMismatchCount;
  const told = [
    ...found.mismatches.map(describeMismatch),
    ...found.orderMismatches.map(describeOrderMismatch),
  ].slice(0, toldMax);
  return {
    pauseMs: Math.round(Math.max(pauseMinMs, restFactor * tookMs)),
    figures: { events: found.events, orders: found.orders, oversold: found.oversoldTickets, mismatches },
    trouble: mismatches === 0 ? null : new StockMismatchError(told.join("; ")),
  };
}
