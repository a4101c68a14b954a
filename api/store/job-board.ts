import { sql } from "kysely";
import { readReceiptJobId } from "../domain/receipt-job.ts";
import type { JobCounts } from "./durable-jobs.ts";
import { queueNames } from "./job-queue-options.ts";
import type { Database } from "./open-database.ts";

/** The queue by whose name the messages to the shop's own systems go, though they lie in a table of their own. */
export const deliveryQueue = "deliver-webhooks";

type BoardState = keyof JobCounts;

/** What a job is about, and what is to be done. */
export interface JobSubject {
  readonly kind: "order" | "customer" | "event" | "webhook_endpoint";
  readonly id: string;
  /** The event's name, the phone, or the message's type and where it goes; null when it says nothing more. */
  readonly detail: string | null;
}

/** A piece of work that is not done, or was given up. */
export interface BoardJob {
  readonly queue: string;
  readonly id: string;
  readonly state: BoardState;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly nextTryAtMs: number | null;
  readonly lastError: string | null;
  /** Null when what it is about is gone. */
  readonly subject: JobSubject | null;
}

/** All that is not done at one moment. */
export interface JobBoard {
  readonly counts: ReadonlyMap<string, JobCounts>;
  /** Of each queue and state the oldest; all of them oldest first. */
  readonly jobs: readonly BoardJob[];
}

type BoardRow = Omit<BoardJob, "subject"> & {
  readonly total: number;
  readonly endpointId: string | null;
  readonly detail: string | null;
};

/** Reads the board. @param eachMax how many jobs of each queue and state there are in it at most */
export async function readJobBoard(database: Database, eachMax: number): Promise<JobBoard> {
  const rows = [
    ...(await selectQueuedJobs(database, eachMax)),
    ...(await selectDeliveries(database, eachMax)),
  ];
  const counts = new Map<string, { -readonly [State in BoardState]: number }>();
  for (const { queue, state, total } of rows) {
    const its = counts.get(queue) ?? { waiting: 0, running: 0, retrying: 0, failed: 0 };
    its[state] = total;
    counts.set(queue, its);
  }
  const subjects = await selectSubjects(database, rows);
  const jobs = rows.map(({ total: _total, endpointId, detail, ...job }): BoardJob => {
    if (job.queue !== deliveryQueue) return { ...job, subject: subjects(job) };
    const subject =
      endpointId === null ? null : { kind: "webhook_endpoint" as const, id: endpointId, detail };
    return { ...job, subject };
  });
  return { counts, jobs: jobs.toSorted(compareAge) };
}

/**
 * A job that runs for the first time has been tried once; one that is retried, once more than it was repeated. Counting
 * first and then taking the oldest of what is there costs about a third of ranking all.
 */
async function selectQueuedJobs(database: Database, eachMax: number): Promise<BoardRow[]> {
  const { rows } = await sql<BoardRow>`
    with counted as (
      select name, state, count(*) as total from pgboss.job
      where name = any(${queueNames}) and state in ('created', 'active', 'retry', 'failed')
      group by name, state
    )
    select job.name as queue, job.id, counted.total,
      case job.state when 'created' then 'waiting' when 'active' then 'running' when 'retry' then 'retrying'
        else 'failed' end as state,
      case job.state when 'created' then 0 else job.retry_count + 1 end as attempts,
      job.created_on as "createdAtMs", job.started_on as "startedAtMs",
      case when job.state in ('created', 'retry') then job.start_after end as "nextTryAtMs",
      left(coalesce(job.output ->> 'message', job.output -> 'value' ->> 'message'), 500) as "lastError",
      null as "endpointId", null as detail
    from counted cross join lateral (
      select * from pgboss.job where job.name = counted.name and job.state = counted.state
      order by created_on, id limit ${eachMax}
    ) as job`.execute(database);
  return rows;
}

/** Delivered ones are many and need not be looked at. */
async function selectDeliveries(database: Database, eachMax: number): Promise<BoardRow[]> {
  const { rows } = await sql<BoardRow>`
    with undone as (
      select id, created_at,
        case when leased_until > clock_timestamp() then 'running' when attempts = 0 then 'waiting'
          else 'retrying' end as state
      from webhook_deliveries where status = 'pending'
      union all
      select id, created_at, 'failed' from webhook_deliveries where status = 'failed'
    ), counted as (
      select state, count(*) as total from undone group by state
    )
    select ${deliveryQueue} as queue, delivery.id::text as id, counted.state, counted.total,
      delivery.attempts + (counted.state = 'running')::integer as attempts,
      delivery.created_at as "createdAtMs", null as "startedAtMs",
      case when counted.state in ('waiting', 'retrying') then delivery.next_try_at end as "nextTryAtMs",
      left(delivery.last_error, 500) as "lastError", endpoint.id as "endpointId",
      concat_ws(' to ', message.type, substring(endpoint.url from '^[a-z]+://(?:[^/?#]*@)?([^/?#]+)')) as detail
    from counted cross join lateral (
      select id from undone where undone.state = counted.state order by created_at, id limit ${eachMax}
    ) as oldest
    join webhook_deliveries delivery on delivery.id = oldest.id
    left join webhook_messages message on message.id = delivery.message_id
    left join webhook_endpoints endpoint on endpoint.id = delivery.endpoint_id and endpoint.deleted_at is null`.execute(
    database,
  );
  return rows;
}

function compareAge(one: BoardJob, other: BoardJob): number {
  return one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1);
}

type SubjectRow = JobSubject & { readonly jobId: string };

/** What the jobs are about, each kind looked up at once and only if there is any. The id of an order's job tells the order. */
async function selectSubjects(
  database: Database,
  jobs: readonly BoardRow[],
): Promise<(job: { readonly queue: string; readonly id: string }) => JobSubject | null> {
  const idsOf = (name: string) => jobs.flatMap(({ queue, id }) => (queue === name ? [id] : []));
  const [codes, restocks] = [idsOf("send-code"), idsOf("place-restock-order")];
  const found = new Map<string, JobSubject>();
  const keep = ({ jobId, ...subject }: SubjectRow) => found.set(jobId, subject);
  if (codes.length > 0) {
    const { rows } = await sql<SubjectRow>`
      select id as "jobId", 'customer' as kind, customer_id as id, phone_number as detail
      from verifications where id = any(${codes}::uuid[])`.execute(database);
    rows.forEach(keep);
  }
  if (restocks.length > 0) {
    const { rows } = await sql<SubjectRow>`
      select restock_orders.id as "jobId", 'event' as kind, event_id as id, events.name as detail
      from restock_orders join events on events.id = event_id
      where restock_orders.id = any(${restocks}::uuid[])`.execute(database);
    rows.forEach(keep);
  }
  return ({ queue, id }) => {
    if (queue === "send-code" || queue === "place-restock-order") return found.get(id) ?? null;
    const orderId = queue === "send-receipt" ? readReceiptJobId(id).orderId : id;
    return { kind: "order", id: orderId, detail: null };
  };
}
