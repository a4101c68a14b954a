import pg from "pg";
import type {
  AuditRow,
  Books,
  CartRow,
  CustomerRow,
  EventRow,
  OrderRow,
  PaymentRow,
  ReservationRow,
  RestockRow,
  VerificationRow,
} from "./books.ts";

const pageSize = 5_000;
const connectMaxMs = 5_000;
/** A page is small; whoever waits longer than this reads from a server that does not answer. */
const statementMaxMs = 30_000;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const itemsOf = (column: string) => `(
  select coalesce(json_agg(json_build_object('eventId', item ->> 'event_id', 'reservationId', item ->> 'reservation_id',
    'quantity', (item ->> 'quantity')::int) order by place), '[]')
  from jsonb_array_elements(${column}) with ordinality as list (item, place))`;

const columns = {
  events: `id, capacity, available, held, sold, price_cents::float8 as "priceCents", hold_seconds as "holdSeconds",
    ${ms("created_at")} as "createdAtMs"`,
  event_audits: `event_id as "eventId", action, reason, ${ms("at")} as "atMs"`,
  reservations: `id, event_id as "eventId", user_id as "userId", quantity, status, ${ms("expires_at")} as "expiresAtMs",
    ${ms("created_at")} as "createdAtMs", ${ms("confirmed_at")} as "confirmedAtMs",
    ${ms("released_at")} as "releasedAtMs", cause, cart_id as "cartId", verified_phone as "verifiedPhone",
    array(select ${ms("at")} from unnest(extended_at) with ordinality as list (at, place) order by place)
      as "extendedAtMs"`,
  carts: `id, user_id as "userId", ${itemsOf("items")} as items, ${ms("expires_at")} as "expiresAtMs",
    order_id as "orderId", ${ms("created_at")} as "createdAtMs"`,
  orders: `id, cart_id as "cartId", user_id as "userId", status, total_cents::float8 as "totalCents",
    ${itemsOf("items")} as items, payment_provider as "paymentProvider", payment_status as "paymentStatus",
    ${ms("hold_until")} as "holdUntilMs", ${ms("created_at")} as "createdAtMs", ${ms("settled_at")} as "settledAtMs",
    ${ms("paid_at")} as "paidAtMs"`,
  demo_payments: `key, amount_cents::float8 as "amountCents", status, ${ms("succeeds_at")} as "succeedsAtMs",
    refunded_cents::float8 as "refundedCents"`,
  restock_orders: `id, event_id as "eventId", quantity, supplier_url as "supplierUrl", status,
    ${ms("delivered_at")} as "deliveredAtMs"`,
  customers: `id, first_name as "firstName", last_name as "lastName", email, phone_number as "phoneNumber",
    ${ms("created_at")} as "createdAtMs", ${ms("verified_at")} as "verifiedAtMs", account_id as "accountId"`,
  verifications: `customer_id as "customerId", status, cardinality(wrong_attempts_at) as "wrongAttempts"`,
} as const;

/** What orders the rows of each table, so that a page can begin where the last one ended. */
const keys: Readonly<Record<keyof typeof columns, readonly string[]>> = {
  events: ["id"],
  event_audits: ["event_id", "id"],
  reservations: ["event_id", "id"],
  carts: ["id"],
  orders: ["id"],
  demo_payments: ["key"],
  restock_orders: ["event_id", "id"],
  customers: ["id"],
  verifications: ["id"],
};

/**
 * Reads what the database holds, all of one moment and a page at a time, over a connection that cannot write.
 *
 * @param signal ends the reading; what was read is of no use then
 * @throws when the database cannot be reached or the signal aborts
 */
export async function readBooks(connectionString: string, signal?: AbortSignal): Promise<Books> {
  signal?.throwIfAborted();
  const client = new pg.Client({
    connectionString,
    application_name: "holdfast chaos judge",
    connectionTimeoutMillis: connectMaxMs,
    statement_timeout: statementMaxMs,
    query_timeout: statementMaxMs + 1_000,
    options: "-c default_transaction_read_only=on",
  });
  // A broken connection fails the statement that is under way, which is where it is told.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("begin isolation level repeatable read read only");
    return await readAll(client, signal);
  } finally {
    await client.end().catch(() => {});
  }
}

async function readAll(client: pg.Client, signal: AbortSignal | undefined): Promise<Books> {
  const read = <Row extends object>(table: keyof typeof columns) => readTable<Row>(client, table, signal);
  const { rows } = await client.query<{ now: number }>(`select ${ms("clock_timestamp()")} as now`);
  const audits = await read<AuditRow>("event_audits");
  return {
    readAtMs: rows[0]?.now ?? 0,
    events: await read<EventRow>("events"),
    // Of one event, ids rise with time.
    audits,
    reservations: await read<ReservationRow>("reservations"),
    carts: await read<CartRow>("carts"),
    orders: await read<OrderRow>("orders"),
    payments: await read<PaymentRow>("demo_payments"),
    restocks: await read<RestockRow>("restock_orders"),
    customers: await read<CustomerRow>("customers"),
    verifications: await read<VerificationRow>("verifications"),
  };
}

async function readTable<Row extends object>(
  client: pg.Client,
  table: keyof typeof columns,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  const key = keys[table];
  const list = key.join(", ");
  const found: Row[] = [];
  let after: readonly string[] | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const places: string = key.map((_, index) => `$${index + 1}`).join(", ");
    const from: string = after === null ? "" : `where (${list}) > (${places})`;
    const text = `select ${columns[table]}, array[${key.map((each) => `${each}::text`).join(", ")}] as "pageKey"
      from ${table} ${from} order by ${list} limit ${pageSize}`;
    const page: pg.QueryResult<Row & { pageKey?: readonly string[] }> = await client.query(
      text,
      after === null ? [] : [...after],
    );
    for (const row of page.rows) {
      after = row.pageKey ?? null;
      delete row.pageKey;
      found.push(row);
    }
    if (page.rows.length < pageSize) return found;
  }
}
