import { sql, type Kysely } from "kysely";

/**
 * The first tables. Every table that a desk's transaction touches carries `event_id` in its keys,
 * so that events can one day be spread over several database machines.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const statements = [
  // The counters change with every sale: no index may cover them, and the free half of each page
  // lets a new row version stay beside the old one (a heap-only update).
  `create table events (
    id uuid primary key,
    number integer generated always as identity unique,
    name text not null check (char_length(name) between 1 and 200),
    capacity integer not null check (capacity between 0 and 10000000),
    available integer not null check (available >= 0),
    held integer not null default 0 check (held >= 0),
    sold integer not null default 0 check (sold >= 0),
    version bigint not null default 1,
    paused_reason text,
    price_cents bigint not null default 0 check (price_cents >= 0),
    currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    hold_seconds integer not null default 600 check (hold_seconds between 1 and 86400),
    max_quantity integer not null default 1 check (max_quantity between 1 and 20),
    max_extensions integer not null default 1 check (max_extensions between 0 and 10),
    sales_start_at timestamptz,
    sales_end_at timestamptz,
    requires_verified_phone boolean not null default false,
    restock jsonb,
    created_at timestamptz not null,
    constraint events_stock_conserved check (available + held + sold = capacity),
    constraint events_sales_window check (sales_end_at > sales_start_at)
  ) with (fillfactor = 50)`,

  // The timestamps are bound to the status, so that no row can tell an impossible story.
  `create table reservations (
    event_id uuid not null references events (id),
    id uuid not null,
    user_id text not null check (char_length(user_id) between 1 and 128),
    quantity integer not null check (quantity between 1 and 20),
    status text not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    confirmed_at timestamptz,
    released_at timestamptz,
    cause text,
    cart_id uuid,
    extended_at timestamptz[],
    primary key (event_id, id),
    constraint reservations_status_history check (
      case status
        when 'held' then confirmed_at is null and released_at is null and cause is null
        when 'confirmed' then confirmed_at is not null and released_at is null and cause is null
        when 'cancelled' then released_at is not null and cause is not null
        when 'expired' then confirmed_at is null and released_at is not null and cause is not null
        else false
      end
    )
  )`,
  // One active reservation for each user of an event.
  `create unique index reservations_one_active on reservations (event_id, user_id)
    where status in ('held', 'confirmed')`,
  // The sweeper reads what is overdue, whatever the event.
  `create index reservations_deadline on reservations (expires_at) where status = 'held'`,
  // A refusal tells when the event's next hold ends.
  `create index reservations_event_deadline on reservations (event_id, expires_at) where status = 'held'`,

  // key_digest is the first half of a SHA-256 over caller, path and key: a fixed size, and no caller can
  // reach another's record. An event id of zeros stands for requests that concern no event yet.
  `create table idempotency_records (
    event_id uuid not null,
    key_digest uuid not null,
    request_digest uuid not null,
    status integer,
    body text,
    created_at timestamptz not null default clock_timestamp(),
    primary key (event_id, key_digest)
  )`,
  // Old records are deleted in the order in which they came, which is the order on disk.
  `create index idempotency_records_age on idempotency_records using brin (created_at)`,

  `create table event_audits (
    event_id uuid not null references events (id),
    id bigint generated always as identity,
    action text not null check (action in ('paused', 'resumed', 'changed')),
    actor text not null,
    reason text,
    at timestamptz not null,
    primary key (event_id, id)
  )`,

  `create table api_keys (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('admin', 'service', 'observer')),
    digest bytea not null unique check (octet_length(digest) = 32),
    created_at timestamptz not null default clock_timestamp(),
    revoked_at timestamptz
  )`,

  // One row for each purpose, so that every process of every machine signs alike.
  `create table signing_secrets (
    purpose text primary key,
    secret bytea not null,
    created_at timestamptz not null default clock_timestamp()
  )`,
];
