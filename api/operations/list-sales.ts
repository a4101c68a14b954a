import type { SaleEntry, Sales } from "../contract/dashboard-lists.ts";
import { presentEvent, presentInstant } from "../http/present.ts";
import type { Database } from "../store/open-database.ts";
import { type Sale, selectSalePage } from "../store/sale-page.ts";

/** A page of events with what an SRE wants to know of their sales, newest first. */
export async function listSales(
  database: Database,
  query: { limit: number; starting_after?: string | undefined; search?: string | undefined },
): Promise<Sales> {
  const page = await selectSalePage(database, {
    limit: query.limit,
    startingAfter: query.starting_after ?? null,
    search: query.search ?? null,
  });
  return {
    data: page.sales.map((sale) => presentSale(sale, page.nowMs)),
    has_more: page.hasMore,
    total: page.total,
  };
}

function presentSale(
  { event, holdsOverdue, nextExpiryAtMs, holdsPerSecond }: Sale,
  nowMs: number,
): SaleEntry {
  const { held, sold, capacity, available } = event;
  return {
    ...presentEvent(event, nowMs),
    paused_reason: event.pausedReason,
    oversold: Math.max(held + sold - capacity, -available, 0),
    holds_overdue: holdsOverdue,
    next_expiry_at: nextExpiryAtMs === null ? null : presentInstant(nextExpiryAtMs),
    holds_per_second: holdsPerSecond,
  };
}
