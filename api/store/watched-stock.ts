import { sql } from "kysely";
import type { StockOfEvent } from "../domain/event.ts";
import { plainArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";

/** An event's stock as it was at one moment. */
export interface StockLook {
  readonly event: StockOfEvent;
  /** When the next hold ends. Looked up only while no ticket is free, and null otherwise. */
  readonly nextExpiryAtMs: number | null;
  /** Database time of the look. */
  readonly nowMs: number;
}

interface StockRow extends StockOfEvent {
  readonly nextExpiryAtMs: number | null;
  readonly nowMs: number;
}

/** Reads the stock of these events without locks. Those that do not exist are left out. */
export async function selectWatchedStock(
  database: Database,
  eventIds: readonly string[],
): Promise<StockLook[]> {
  const result = await sql<StockRow>`
    select id, capacity, available, held, sold, version, paused_reason as "pausedReason",
      sales_start_at as "salesStartAtMs", sales_end_at as "salesEndAtMs",
      case when available = 0 and held > 0 then (
        select expires_at from reservations
        where event_id = events.id and status = 'held' order by expires_at limit 1
      ) end as "nextExpiryAtMs",
      date_trunc('milliseconds', clock_timestamp()) as "nowMs"
    from events where id = any(${plainArray(eventIds)}::uuid[])`.execute(database);
  return result.rows.map(({ nextExpiryAtMs, nowMs, ...event }) => ({ event, nextExpiryAtMs, nowMs }));
}
