import { sql } from "kysely";
import type { Event } from "../domain/event.ts";
import { eventFromRow, type EventRow } from "./events.ts";
import type { Database } from "./open-database.ts";

/** An event with what an SRE wants to know about its sale. */
export interface Sale {
  readonly event: Event;
  /** Holds past their deadline that have not been released; never more than `overdueMax`. */
  readonly holdsOverdue: number;
  readonly nextExpiryAtMs: number | null;
  readonly holdsPerSecond: number;
}

export interface SalePage {
  readonly sales: Sale[];
  readonly hasMore: boolean;
  /** How many events match. */
  readonly total: number;
  /** The database's time. */
  readonly nowMs: number;
}

/** Holds are counted over this time. */
const rateWindowMs = 5_000;
/** Counting stops here: the page must stay cheap in the busiest moment. */
const madeMax = 50_000;
const overdueMax = 10_000;

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface SaleRow extends EventRow {
  holds_overdue: number;
  next_expiry_at: number | null;
  holds_made: number;
  now: number;
}

/**
 * One page of events, newest first.
 *
 * @param request.search a part of the name, in any case, or an id; null for all
 */
export async function selectSalePage(
  database: Database,
  request: { readonly limit: number; readonly startingAfter: string | null; readonly search: string | null },
): Promise<SalePage> {
  const matching = conditionOf(request.search);
  const after = request.startingAfter === null ? sql`true` : sql`id < ${request.startingAfter}::uuid`;
  // Reservation ids begin with the moment they were made in, so those of the last seconds lie together in the index.
  const result = await sql<SaleRow>`
    select page.*, coalesce(overdue.count, 0)::int as holds_overdue, next.expires_at as next_expiry_at,
      made.count::int as holds_made, date_trunc('milliseconds', clock_timestamp()) as now
    from (select * from events where ${matching} and ${after} order by id desc limit ${request.limit + 1}) as page
    cross join lateral (
      select count(*) as count from (
        select 1 from reservations
        where event_id = page.id and status = 'held' and expires_at <= statement_timestamp() limit ${overdueMax}
      ) as past
    ) as overdue
    left join lateral (
      select expires_at from reservations where event_id = page.id and status = 'held' order by expires_at limit 1
    ) as next on true
    cross join lateral (
      select count(*) as count from (
        select 1 from reservations where event_id = page.id and id >= (
          lpad(to_hex((extract(epoch from statement_timestamp()) * 1000)::bigint - ${rateWindowMs}::bigint), 12, '0')
            || repeat('0', 20))::uuid
        limit ${madeMax}
      ) as recent
    ) as made
    order by page.id desc`.execute(database);
  const counted = await sql<{
    total: number;
    now: number;
  }>`select count(*)::int as total, date_trunc('milliseconds', clock_timestamp()) as now
    from events where ${matching}`.execute(database);
  const rows = result.rows.slice(0, request.limit);
  return {
    sales: rows.map(saleFromRow),
    hasMore: result.rows.length > request.limit,
    total: counted.rows[0]?.total ?? 0,
    nowMs: counted.rows[0]?.now ?? 0,
  };
}

function conditionOf(search: string | null) {
  if (search === null) return sql<boolean>`true`;
  if (uuidPattern.test(search)) return sql<boolean>`id = ${search}::uuid`;
  return sql<boolean>`name ilike ${`%${search.replaceAll(/[\\%_]/g, "\\$&")}%`}`;
}

function saleFromRow(row: SaleRow): Sale {
  return {
    event: eventFromRow(row),
    holdsOverdue: row.holds_overdue,
    nextExpiryAtMs: row.next_expiry_at,
    holdsPerSecond: row.holds_made / (rateWindowMs / 1000),
  };
}
