import { sql, type Kysely } from "kysely";

/** Customers and the codes that verify their phones, restock orders, and messages to the shop's own systems. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const statements = [
  // Every sign-up is a row, and looks the same whether or not its phone is known. A phone that was verified belongs to
  // one account: the first sign-up that verified it, which later ones lead to.
  `create table customers (
    id uuid primary key,
    request_digest uuid not null unique,
    body_digest uuid not null,
    first_name text not null check (char_length(first_name) between 1 and 100),
    last_name text not null check (char_length(last_name) between 1 and 100),
    email text not null check (char_length(email) between 3 and 254),
    phone_number text not null check (phone_number ~ '^\\+[1-9][0-9]{1,14}$'),
    created_at timestamptz not null,
    verified_at timestamptz,
    account_id uuid references customers (id),
    constraint customers_verified check ((verified_at is null) = (account_id is null))
  )`,
  `create unique index customers_one_account on customers (phone_number) where account_id = id`,
  `create index customers_phone on customers (phone_number, created_at)`,

  // A code's attempts and deadline are data: the wrong attempts by their times, the deadline as a column. Whoever
  // changes a row holds the lock of its customer.
  `create table verifications (
    id uuid primary key,
    customer_id uuid not null references customers (id),
    phone_number text not null,
    code_digest bytea not null check (octet_length(code_digest) = 32),
    status text not null,
    wrong_attempts_at timestamptz[] not null default '{}',
    attempts_max integer not null check (attempts_max between 1 and 10),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    sms_sent_at timestamptz,
    sms_error text,
    constraint verifications_attempts check (cardinality(wrong_attempts_at) <= attempts_max),
    constraint verifications_status_history check (
      case status
        when 'pending' then ended_at is null and cardinality(wrong_attempts_at) < attempts_max
        when 'verified' then ended_at is not null and cardinality(wrong_attempts_at) < attempts_max
        when 'exhausted' then ended_at is not null and cardinality(wrong_attempts_at) = attempts_max
        when 'superseded' then ended_at is not null
        else false
      end
    )
  ) with (fillfactor = 80)`,
  `create unique index verifications_one_pending on verifications (customer_id) where status = 'pending'`,
  `create index verifications_of_customer on verifications (customer_id, created_at)`,
  // Every SMS costs money, so those to one phone are counted.
  `create index verifications_of_phone on verifications (phone_number, created_at)`,

  // One active reservation for each verified phone of an event, whatever account it belongs to.
  `alter table reservations add column verified_phone text`,
  `create unique index reservations_one_per_phone on reservations (event_id, verified_phone)
    where status in ('held', 'confirmed') and verified_phone is not null`,

  // The event knows its restock order that is under way, so that whoever holds its lock need not look. An order that
  // came to nothing holds the next one back until the stock has recovered or the terms have changed.
  `alter table events add column restock_order_id uuid,
    add column restock_held_back boolean not null default false`,
  `create table restock_orders (
    event_id uuid not null references events (id),
    id uuid not null,
    quantity integer not null check (quantity between 1 and 10000000),
    supplier_url text not null,
    status text not null,
    attempts integer not null default 0 check (attempts >= 0),
    last_error text,
    supplier_reference text,
    created_at timestamptz not null,
    placed_at timestamptz,
    delivered_at timestamptz,
    closed_at timestamptz,
    primary key (event_id, id),
    constraint restock_orders_status_history check (
      case status
        when 'open' then placed_at is null and delivered_at is null and closed_at is null
        when 'placed' then placed_at is not null and delivered_at is null and closed_at is null
        when 'delivered' then delivered_at is not null and closed_at is null
        when 'given_up' then delivered_at is null and closed_at is not null
        when 'cancelled' then delivered_at is null and closed_at is not null
        else false
      end
    )
  ) with (fillfactor = 70)`,
  `create unique index restock_orders_one_open on restock_orders (event_id) where status in ('open', 'placed')`,
  `alter table event_audits drop constraint event_audits_action_check`,
  `alter table event_audits add constraint event_audits_action_check
    check (action in ('paused', 'resumed', 'changed', 'restocked'))`,

  // Stands for a supplier's own books, which no crash of ours can touch.
  `create table demo_supplier_orders (
    key text primary key,
    quantity integer not null check (quantity > 0),
    asked_times integer not null default 1,
    created_at timestamptz not null default clock_timestamp()
  )`,

  // Who is told what happens. A deleted endpoint stays until its deliveries are gone.
  `create table webhook_endpoints (
    id uuid primary key,
    url text not null check (char_length(url) between 1 and 2000),
    event_types text[] not null check (cardinality(event_types) between 1 and 20),
    secret text not null,
    previous_secret text,
    previous_secret_until timestamptz,
    created_at timestamptz not null,
    disabled_at timestamptz,
    disabled_reason text,
    deleted_at timestamptz,
    constraint webhook_endpoints_disabled check ((disabled_at is null) = (disabled_reason is null)),
    constraint webhook_endpoints_rotation check ((previous_secret is null) = (previous_secret_until is null))
  )`,
  // What happened, written in the transaction in which it happened. The subject is the reservation, order or event
  // that it is about.
  `create table webhook_messages (
    id uuid primary key,
    type text not null,
    subject_id uuid not null,
    payload text not null,
    created_at timestamptz not null
  )`,
  `create index webhook_messages_age on webhook_messages (created_at)`,
  // Its ids rise with time for each subject, since all that happens to one happens under one lock.
  `create table webhook_deliveries (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null,
    message_id uuid not null,
    subject_id uuid not null,
    status text not null check (status in ('pending', 'delivered', 'failed')),
    attempts integer not null default 0 check (attempts >= 0),
    next_try_at timestamptz not null,
    leased_until timestamptz,
    last_status integer,
    last_error text,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint webhook_deliveries_ended check ((status = 'pending') = (ended_at is null))
  ) with (fillfactor = 70)`,
  `create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_try_at) where status = 'pending'`,
  `create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, subject_id, id) where status = 'pending'`,
  `create index webhook_deliveries_failed on webhook_deliveries (id) where status = 'failed'`,
  `create index webhook_deliveries_log on webhook_deliveries (endpoint_id, id)`,
  `create index webhook_deliveries_message on webhook_deliveries (message_id)`,
];
