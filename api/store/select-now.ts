import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** The database's time, in whole milliseconds since 1970. Serves as the check that it answers at all. */
export async function selectNow(database: Database): Promise<number> {
  const result = await sql<{
    now: number;
  }>`select date_trunc('milliseconds', clock_timestamp()) as now`.execute(database);
  const row = result.rows[0];
  if (row === undefined) throw new Error("The database gave no time.");
  return row.now;
}
