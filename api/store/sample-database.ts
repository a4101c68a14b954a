import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** How busy the database server is. Every figure is cheap to get, whatever the size of the tables. */
export interface ServerLoad {
  /** Clients of the whole server, ours and others'. */
  readonly connections: number;
  readonly connectionsMax: number;
  /** How long the longest statement has been running, in seconds; 0 when none is. */
  readonly longestQuerySeconds: number;
}

/** Reads how busy the server is. Statements of other users are seen only by a user who may see them. */
export async function selectServerLoad(database: Database): Promise<ServerLoad> {
  const result = await sql<{ connections: number; connections_max: number; longest_seconds: number }>`
    select count(*)::int as connections, current_setting('max_connections')::int as connections_max,
      coalesce(max(extract(epoch from clock_timestamp() - query_start))
        filter (where state = 'active' and pid <> pg_backend_pid()), 0)::float8 as longest_seconds
    from pg_stat_activity where backend_type = 'client backend'`.execute(database);
  const row = result.rows[0];
  if (row === undefined) throw new Error("The database did not tell its load.");
  return {
    connections: row.connections,
    connectionsMax: row.connections_max,
    longestQuerySeconds: Math.max(0, row.longest_seconds),
  };
}

/** Holds past their deadline that have not been released. */
export interface OverdueHolds {
  /** Never more than `overdueHoldsMax`, however many there are. */
  readonly count: number;
  /** For how long the first of them should have been free, in seconds; null when there is none. */
  readonly oldestSeconds: number | null;
}

/** Counting stops here: the count must stay cheap when it matters most. */
const overdueHoldsMax = 100_000;

/** Counts overdue holds by the index that the sweeper uses. */
export async function selectOverdue(database: Database): Promise<OverdueHolds> {
  const result = await sql<{ count: number; oldest_seconds: number | null }>`
    select count(*)::int as count,
      extract(epoch from statement_timestamp() - min(expires_at))::float8 as oldest_seconds
    from (
      select expires_at from reservations where status = 'held' and expires_at <= statement_timestamp()
      order by expires_at limit ${overdueHoldsMax}
    ) as overdue`.execute(database);
  const row = result.rows[0];
  if (row === undefined) throw new Error("The database did not count the overdue holds.");
  return { count: row.count, oldestSeconds: row.oldest_seconds };
}
