import { sql } from "kysely";
import type { QueueName } from "../domain/durable-job.ts";
import type { Database } from "./open-database.ts";

/** How many jobs of a queue are in which state. What is done is not kept. */
export interface JobCounts {
  /** Not tried yet, due or not. */
  readonly waiting: number;
  readonly running: number;
  /** Tried in vain, and due again soon. */
  readonly retrying: number;
  /** Given up. */
  readonly failed: number;
}

/** A job that has been tried in vain. */
export interface TroubledJob {
  readonly queue: QueueName;
  readonly id: string;
  readonly state: "retrying" | "failed";
  readonly attempts: number;
  readonly createdAtMs: number;
  /** Null when it was given up. */
  readonly nextTryAtMs: number | null;
  readonly lastError: string | null;
}

/** Counts the jobs of every queue that has any. */
export async function countJobs(database: Database): Promise<ReadonlyMap<string, JobCounts>> {
  const { rows } = await sql<JobCounts & { readonly name: string }>`
    select name, count(*) filter (where state = 'created') as waiting, count(*) filter (where state = 'active') as running,
      count(*) filter (where state = 'retry') as retrying, count(*) filter (where state = 'failed') as failed
    from pgboss.job group by name`.execute(database);
  return new Map(rows.map(({ name, ...counts }) => [name, counts]));
}

/** The jobs that have been tried in vain, oldest first, at most `max`. */
export async function selectTroubledJobs(database: Database, max: number): Promise<TroubledJob[]> {
  const { rows } = await sql<TroubledJob>`
    select name as queue, id, case state when 'retry' then 'retrying' else 'failed' end as state,
      retry_count + 1 as attempts, created_on as "createdAtMs",
      case state when 'retry' then start_after end as "nextTryAtMs",
      coalesce(output ->> 'message', output -> 'value' ->> 'message') as "lastError"
    from pgboss.job where state in ('retry', 'failed') order by created_on, id limit ${max}`.execute(
    database,
  );
  return rows;
}

/** Makes a job that waits for its time due at once. One that is being done, or is not there, is left alone. */
export async function hurryJob(database: Database, queue: QueueName, id: string): Promise<void> {
  await sql`update pgboss.job set start_after = now()
    where name = ${queue} and id = ${id}::uuid and state in ('created', 'retry') and start_after > now()`.execute(
    database,
  );
}

/** Makes the jobs of a queue that were tried in vain due at once. */
export async function hurryRetries(database: Database, queue: QueueName): Promise<void> {
  await sql`update pgboss.job set start_after = now()
    where name = ${queue} and state = 'retry' and start_after > now()`.execute(database);
}
