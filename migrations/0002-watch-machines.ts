import { sql, type Kysely } from "kysely";

/** What the machines of a service tell each other, and what went wrong on them. No desk's transaction comes here. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const statements = [
  // One row for each supervisor, written every second or so: the free half of the page lets each new version
  // stay beside the old one.
  `create table nodes (
    id uuid primary key,
    name text not null check (char_length(name) between 1 and 200),
    version text not null,
    role text not null check (role in ('all', 'api', 'jobs')),
    started_at timestamptz not null,
    seen_at timestamptz not null,
    stopped_at timestamptz,
    workers_live integer not null check (workers_live >= 0),
    workers_wanted integer not null check (workers_wanted >= 0),
    requests_per_second double precision not null check (requests_per_second >= 0),
    cpu_percent double precision,
    memory_bytes bigint
  ) with (fillfactor = 50)`,

  // The error feed, so that it survives a restart. An id rises with every entry of its machine.
  `create table reported_errors (
    node_id uuid not null,
    id bigint not null,
    at timestamptz not null,
    level text not null check (level in ('warn', 'error', 'fatal')),
    message text not null,
    node text not null,
    worker integer,
    error_type text,
    sqlstate text,
    request_id text,
    route text,
    status integer,
    stack text,
    primary key (node_id, id)
  )`,
  // The oldest entries are deleted first.
  `create index reported_errors_age on reported_errors (at)`,

  // Every machine draws the pauses that were made on any machine, and asks for the latest ones every second.
  `create index event_audits_age on event_audits (at)`,
];
