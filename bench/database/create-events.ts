import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";

/** More than any measurement can sell, so that stock remains. */
export const ampleCapacity = 10_000_000;
/** The longest that the service allows: no hold of a measurement ends by itself. */
const holdSeconds = 86_400;

/** As long as a job may take. */
const jobsMaxMs = 5_000;
const jobsPollMs = 50;

/** Creates events on sale. @param priceCents of one ticket @returns their ids */
export async function createEvents(
  client: pg.Client,
  count: number,
  capacity: number,
  priceCents = 0,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `insert into events (id, name, capacity, available, hold_seconds, price_cents, created_at)
      select id, 'bench', $2, $2, $3, $4, clock_timestamp() from unnest($1::uuid[]) as new (id)`,
    [ids, capacity, holdSeconds, priceCents],
  );
  return ids;
}

/**
 * Takes away what earlier measurements left, statistics included, so that each starts on tables without any.
 */
export async function emptyTables(client: pg.Client): Promise<void> {
  await forgetJobs(client);
  await client.query(
    `truncate reservations, orders, carts, demo_payments, idempotency_records, event_audits, restock_orders, events,
      verifications, customers, webhook_endpoints, webhook_messages, webhook_deliveries, pgboss.job`,
  );
}

/** Takes away the durable jobs that nobody has begun, and waits for the others, whose orders are still there. */
async function forgetJobs(client: pg.Client): Promise<void> {
  const deadlineMs = performance.now() + jobsMaxMs;
  for (;;) {
    await client.query("delete from pgboss.job where state <> 'active'");
    const { rows } = await client.query("select 1 from pgboss.job limit 1");
    if (rows.length === 0 || performance.now() > deadlineMs) return;
    await wait(jobsPollMs);
  }
}
