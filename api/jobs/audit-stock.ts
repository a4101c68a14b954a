import { describeMismatch, recountStock } from "../store/recount-stock.ts";

/** The job's name, by which the operations listener finds its figures. */
export const auditStockJob = "audit-stock";

const pauseMinMs = 60_000;
/** The recount takes at most one part in so many of the database's time. */
const restFactor = 50;
const toldMax = 5;

/** Events break an invariant. The message names the first of them. */
class StockMismatchError extends Error {}

/** What one recount came to. */
export interface StockAudit {
  /** How long to rest, in ms. */
  readonly pauseMs: number;
  readonly figures: { readonly events: number; readonly oversold: number; readonly mismatches: number };
  /** What is wrong; null when nothing is. */
  readonly trouble: StockMismatchError | null;
}

/** Compares every event's counters with its reservations. It changes nothing: what is wrong is for people to look at. */
export async function auditStockOnce({
  connectionString,
  signal,
}: {
  readonly connectionString: string;
  readonly signal: AbortSignal;
}): Promise<StockAudit> {
  const startedAtMs = performance.now();
  const { events, oversoldTickets, mismatchCount, mismatches } = await recountStock(connectionString, signal);
  const tookMs = performance.now() - startedAtMs;
  const told = mismatches.slice(0, toldMax).map(describeMismatch);
  return {
    pauseMs: Math.round(Math.max(pauseMinMs, restFactor * tookMs)),
    figures: { events, oversold: oversoldTickets, mismatches: mismatchCount },
    trouble: mismatchCount === 0 ? null : new StockMismatchError(told.join("; ")),
  };
}
