import { sql, type Kysely } from "kysely";

/** Carts, the orders that they become, and the books of the demo's payment provider. */
export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}

const statements = [
  // A cart lists what was put in it and at which price. Whether an item is still held, its reservation tells.
  // A cart is locked after its events and before any reservation.
  `create table carts (
    id uuid primary key,
    user_id text not null check (char_length(user_id) between 1 and 128),
    items jsonb not null check (jsonb_typeof(items) = 'array' and jsonb_array_length(items) <= 20),
    expires_at timestamptz,
    extensions integer not null default 0 check (extensions between 0 and 10),
    order_id uuid,
    created_at timestamptz not null
  ) with (fillfactor = 70)`,

  // Every path that changes an order holds the lock of its cart. The timestamps are bound to the status, so that no
  // row can tell an impossible story.
  `create table orders (
    id uuid primary key,
    cart_id uuid not null references carts (id),
    user_id text not null check (char_length(user_id) between 1 and 128),
    email text not null check (char_length(email) between 3 and 254),
    status text not null,
    total_cents bigint not null check (total_cents >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    items jsonb not null check (jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 20),
    payment_provider text not null check (payment_provider in ('demo', 'stripe')),
    payment_token text,
    payment_status text not null,
    payment_reference text,
    decline_reason text,
    hold_until timestamptz not null,
    key_digest uuid,
    created_at timestamptz not null,
    settled_at timestamptz,
    paid_at timestamptz,
    refunded_at timestamptz,
    receipt_sent_at timestamptz,
    constraint orders_status_history check (
      case status
        when 'pending' then payment_status = 'processing' and settled_at is null and paid_at is null
        when 'paid' then payment_status in ('succeeded', 'none') and settled_at is not null and paid_at is not null
        when 'declined' then payment_status = 'declined' and settled_at is not null and paid_at is null
        when 'cancelled' then payment_status = 'never_charged' and settled_at is not null and paid_at is null
        when 'refunded' then payment_status in ('refunding', 'refunded', 'none') and settled_at is not null
        else false
      end
      and (refunded_at is not null) = (payment_status = 'refunded')
    )
  ) with (fillfactor = 70)`,
  // A cart is sold once: at most one order of it is under way or paid.
  `create unique index orders_one_live on orders (cart_id) where status in ('pending', 'paid')`,
  // A buyer's tickets, newest first.
  `create index orders_of_user on orders (user_id, id)`,

  // Stands for a payment provider's own books, which no crash of ours can touch. It is written in transactions of its
  // own, never in those of an order.
  `create table demo_payments (
    key text primary key,
    amount_cents bigint not null check (amount_cents > 0),
    currency text not null,
    token text not null,
    status text not null check (status in ('succeeded', 'declined', 'processing', 'never_charged')),
    succeeds_at timestamptz,
    refunded_cents bigint not null default 0 check (refunded_cents between 0 and amount_cents),
    refund_key text,
    created_at timestamptz not null default clock_timestamp()
  )`,

  // The catalogue is searched by the beginnings of words. What separates words is put in place of them first, or the
  // parser would find paths, addresses and signs in the names of bands.
  `create index events_search on events using gin (to_tsvector('simple', translate(name,
    '!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~', '${" ".repeat(32)}')))`,

  // How many events there are. Every page of the catalogue tells it, and counting takes longer with every event.
  `create table event_count (
    is_only boolean primary key default true check (is_only),
    events bigint not null check (events >= 0)
  )`,
  `create function keep_event_count() returns trigger language plpgsql as $$
    begin
      case tg_op
        when 'INSERT' then update event_count set events = events + (select count(*) from changed);
        when 'DELETE' then update event_count set events = events - (select count(*) from changed);
        else update event_count set events = 0;
      end case;
      return null;
    end $$`,
  `create trigger count_new_events after insert on events
    referencing new table as changed for each statement execute function keep_event_count()`,
  `create trigger count_deleted_events after delete on events
    referencing old table as changed for each statement execute function keep_event_count()`,
  `create trigger count_truncated_events after truncate on events
    for each statement execute function keep_event_count()`,
  // The triggers keep other writers out until this is committed.
  `insert into event_count (events) select count(*) from events`,
];
