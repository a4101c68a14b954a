import { generateKey, hashKey } from "../../api/features/access/hash-key.ts";
import type { TestDatabase } from "../support/open-test-database.ts";

/** A UUID that can be told from others by its number. */
export function idOf(number: number): string {
  return `0199a3f2-7c41-7d3e-9b52-${String(number).padStart(12, "0")}`;
}

/** A live key of each role. */
export type Keys = Readonly<Record<"admin" | "observer", string>>;

/** Makes the keys. */
export async function addKeys({ query }: TestDatabase): Promise<Keys> {
  const keys = { admin: generateKey("admin"), observer: generateKey("observer") };
  for (const [index, [role, key]] of Object.entries(keys).entries()) {
    const values = [idOf(600 + index), `test ${role}`, role, hashKey(key)];
    await query("insert into api_keys (id, name, role, digest) values ($1, $2, $3, $4)", values);
  }
  return keys;
}

interface QueuedJob {
  readonly queue: string;
  readonly id: string;
  readonly state: "created" | "active" | "retry" | "failed" | "cancelled" | "completed";
  readonly retries?: number;
  readonly error?: string;
}

/** Puts jobs into a queue as they are when they have been tried. The first is the oldest; each is due in an hour. */
export async function addQueuedJobs({ query }: TestDatabase, jobs: readonly QueuedJob[]): Promise<void> {
  for (const [index, { queue, id, state, retries = 0, error }] of jobs.entries()) {
    await query(
      `insert into pgboss.job
         (name, id, state, retry_count, retry_limit, output, created_on, started_on, start_after, completed_on)
       values ($1, $2, $3::pgboss.job_state, $4, $4, $5, now() - interval '1 hour' + $6 * interval '1 second',
         case when $3 = 'created' then null else now() end, now() + interval '1 hour',
         case when $3 in ('failed', 'cancelled', 'completed') then now() end)`,
      [queue, id, state, retries, error === undefined ? null : JSON.stringify({ message: error }), index],
    );
  }
}

/** An event with a rule for restocking. */
export async function addRestockedEvent({ query }: TestDatabase, id: string, name: string): Promise<void> {
  await query(
    `insert into events (id, name, capacity, available, price_cents, currency, hold_seconds, max_quantity,
       max_extensions, requires_verified_phone, restock, created_at)
     values ($1, $2, 100, 100, 0, 'EUR', 600, 4, 1, false,
       '{"threshold": 5, "quantity": 50, "supplier_url": "https://user:secret@supplier.example/orders?token=secret"}', now())`,
    [id, name],
  );
}

interface RestockOrder {
  readonly id: string;
  readonly eventId: string;
  readonly status: "open" | "placed" | "delivered" | "given_up" | "cancelled";
}

/** A restock order as it is when it has come that far. */
export async function addRestockOrder(
  { query }: TestDatabase,
  { id, eventId, status }: RestockOrder,
): Promise<void> {
  await query(
    `insert into restock_orders (event_id, id, quantity, supplier_url, status, attempts, last_error,
       supplier_reference, created_at, placed_at, delivered_at, closed_at)
     values ($1, $2, 50, 'https://supplier.example/orders?token=secret', $3, 3, 'The supplier answered 503.', 'S-1',
       now() - interval '5 minutes',
       case when $3 in ('placed', 'delivered') then now() - interval '4 minutes' end,
       case when $3 = 'delivered' then now() - interval '3 minutes' end,
       case when $3 in ('given_up', 'cancelled') then now() - interval '2 minutes' end)`,
    [eventId, id, status],
  );
}

/** A customer who has signed up. */
export async function addCustomer({ query }: TestDatabase, id: string, phoneNumber: string): Promise<void> {
  await query(
    `insert into customers (id, request_digest, body_digest, first_name, last_name, email, phone_number, created_at)
     values ($1, gen_random_uuid(), gen_random_uuid(), 'Ada', 'Lovelace', 'ada@shop.example', $2, clock_timestamp())`,
    [id, phoneNumber],
  );
}

interface Verification {
  readonly id: string;
  readonly customerId: string;
  readonly phoneNumber: string;
  readonly status: "pending" | "verified" | "exhausted" | "superseded";
  readonly wrongAttempts?: number;
  /** How long ago its code was made; each is valid for 2 minutes. */
  readonly agoSeconds: number;
  readonly smsError?: string;
}

/** A code and what became of it. */
export async function addVerification({ query }: TestDatabase, given: Verification): Promise<void> {
  const { id, customerId, phoneNumber, status, wrongAttempts = 0, agoSeconds, smsError } = given;
  await query(
    `insert into verifications (id, customer_id, phone_number, code_digest, status, wrong_attempts_at, attempts_max,
       created_at, expires_at, ended_at, sms_sent_at, sms_error)
     select $1, $2, $3, sha256('123456'), $4,
       array(select made + n * interval '10 seconds' from generate_series(1, $5::integer) as n), 3,
       made, made + interval '2 minutes', case when $4 <> 'pending' then made + interval '40 seconds' end,
       case when $7::text is null then made + interval '1 second' end, $7
     from (select clock_timestamp() - $6 * interval '1 second' as made) as moment`,
    [id, customerId, phoneNumber, status, wrongAttempts, agoSeconds, smsError ?? null],
  );
}

interface Delivery {
  readonly endpointId: string;
  readonly status: "pending" | "delivered" | "failed";
  readonly attempts?: number;
  readonly isLeased?: boolean;
}

/** An address to which messages go. */
export async function addEndpoint({ query }: TestDatabase, id: string): Promise<void> {
  await query(
    `insert into webhook_endpoints (id, url, event_types, secret, created_at)
     values ($1, 'https://hooks.shop.example/secret-path', '{order.paid}', 'whsec_secret', now())`,
    [id],
  );
}

/** The delivery of a message of its own. @returns its id */
export async function addDelivery(
  { query }: TestDatabase,
  { endpointId, status, attempts = 0, isLeased = false }: Delivery,
): Promise<string> {
  const rows = await query(
    `with message as (
       insert into webhook_messages (id, type, subject_id, payload, created_at)
       values (gen_random_uuid(), 'order.paid', gen_random_uuid(), '{}', now()) returning id, subject_id
     )
     insert into webhook_deliveries (endpoint_id, message_id, subject_id, status, attempts, next_try_at, leased_until,
       last_error, created_at, ended_at)
     select $1, id, subject_id, $2, $3, now() + interval '1 hour',
       case when $4 then now() + interval '1 minute' end, case when $3 > 0 then 'It answered 503.' end,
       now() - interval '10 minutes', case when $2 <> 'pending' then now() end
     from message returning id`,
    [endpointId, status, attempts, isLeased],
  );
  return String(rows[0]?.["id"]);
}
