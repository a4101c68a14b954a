import { sql } from "kysely";
import { type QueueName, queueOptions } from "./job-queue-options.ts";
import type { Database } from "./open-database.ts";

/** What came of steering a job by hand. `is_pointless`: what it is about is gone. */
export type Steered = "done" | "is_running" | "is_pointless" | "not_found";

/**
 * Makes a job due at once. One that was given up gets all its tries again.
 *
 * @param id a UUID
 */
export async function retryQueuedJob(database: Database, queue: QueueName, id: string): Promise<Steered> {
  const { numAffectedRows } = await sql`
    update pgboss.job set state = case state when 'failed' then 'retry' else state end,
      retry_limit = greatest(retry_limit, retry_count + ${queueOptions[queue].retryLimit}),
      start_after = least(start_after, clock_timestamp()), completed_on = null
    where name = ${queue} and id = ${id}::uuid and state in ('created', 'retry', 'failed')`.execute(database);
  return numAffectedRows === 1n ? "done" : explainQueued(database, queue, id);
}

/** Has a job not tried again. @param id a UUID */
export async function cancelQueuedJob(database: Database, queue: QueueName, id: string): Promise<Steered> {
  const { numAffectedRows } = await sql`
    update pgboss.job set state = 'cancelled', completed_on = clock_timestamp()
    where name = ${queue} and id = ${id}::uuid and state in ('created', 'retry', 'failed')`.execute(database);
  return numAffectedRows === 1n ? "done" : explainQueued(database, queue, id);
}

/** One that was done or cancelled is not there for whoever steers. */
async function explainQueued(database: Database, queue: QueueName, id: string): Promise<Steered> {
  const { rows } = await sql`
    select 1 from pgboss.job
    where name = ${queue} and id = ${id}::uuid and state in ('created', 'retry', 'failed', 'active')`.execute(
    database,
  );
  return rows.length === 0 ? "not_found" : "is_running";
}

/** Whose lease has run out is in nobody's hands. */
const isFree = sql`(status = 'failed' or leased_until is null or leased_until <= clock_timestamp())`;

/** Makes the delivery of a message due at once, also one that was given up. */
export async function retryDelivery(database: Database, id: string): Promise<Steered> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set status = 'pending', next_try_at = clock_timestamp(), ended_at = null,
      leased_until = null
    where id = ${id}::bigint and status in ('pending', 'failed') and ${isFree} and exists (
      select from webhook_endpoints where webhook_endpoints.id = endpoint_id and deleted_at is null
    )`.execute(database);
  return numAffectedRows === 1n ? "done" : explainDelivery(database, id);
}

/** Has the delivery of a message not tried again. @param reason what is told as its last error */
export async function cancelDelivery(database: Database, id: string, reason: string): Promise<Steered> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set status = 'failed', ended_at = clock_timestamp(), leased_until = null,
      last_error = ${reason}
    where id = ${id}::bigint and status = 'pending' and ${isFree}`.execute(database);
  return numAffectedRows === 1n ? "done" : explainDelivery(database, id);
}

async function explainDelivery(database: Database, id: string): Promise<Steered> {
  const { rows } = await sql<{ readonly is_free: boolean; readonly status: string }>`
    select ${isFree} as is_free, status from webhook_deliveries where id = ${id}::bigint`.execute(database);
  const row = rows[0];
  if (row === undefined || row.status === "delivered") return "not_found";
  return row.is_free ? "is_pointless" : "is_running";
}

/** Takes a job that was given up out of sight. One that is to be tried is left alone. @param id a UUID */
export async function dismissFailedJob(database: Database, queue: QueueName, id: string): Promise<void> {
  await sql`update pgboss.job set state = 'cancelled'
    where name = ${queue} and id = ${id}::uuid and state = 'failed'`.execute(database);
}

/** The event of a restock order, and whether its job runs; null when there is no such order. @param id a UUID */
export async function selectRestockJob(
  database: Database,
  id: string,
): Promise<{ readonly eventId: string; readonly isRunning: boolean } | null> {
  const { rows } = await sql<{ readonly eventId: string; readonly isRunning: boolean }>`
    select event_id as "eventId", job.id is not null as "isRunning" from restock_orders
    left join pgboss.job job
      on job.name = 'place-restock-order' and job.id = restock_orders.id and job.state = 'active'
    where restock_orders.id = ${id}::uuid`.execute(database);
  return rows[0] ?? null;
}
