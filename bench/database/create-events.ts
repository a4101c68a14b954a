import { randomUUID } from "node:crypto";
import type pg from "pg";

/** More than any measurement can sell, so that stock remains. */
export const ampleCapacity = 10_000_000;
/** The longest that the service allows: no hold of a measurement ends by itself. */
const holdSeconds = 86_400;

/** Creates events on sale. @returns their ids */
export async function createEvents(client: pg.Client, count: number, capacity: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `insert into events (id, name, capacity, available, hold_seconds, created_at)
      select id, 'bench', $2, $2, $3, clock_timestamp() from unnest($1::uuid[]) as new (id)`,
    [ids, capacity, holdSeconds],
  );
  return ids;
}

/**
 * Takes away what earlier measurements left, statistics included, so that each starts on tables without any.
 */
export async function emptyTables(client: pg.Client): Promise<void> {
  await client.query("truncate reservations, idempotency_records, event_audits, events");
}
