import pg from "pg";
import { columnTypes } from "./column-types.ts";
import { endClient } from "./embedded/connect-to-server.ts";
import { type OrderRecount, recountOrders } from "./recount-orders.ts";
import { timeouts } from "./timeouts.ts";

/** An event whose stock is not what it must be. */
export interface StockMismatch {
  readonly eventId: string;
  readonly name: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  /** Tickets of the reservations that are held. */
  readonly reallyHeld: number;
  /** Tickets of the reservations that are confirmed. */
  readonly reallySold: number;
  /** Active reservations beyond one for each user. */
  readonly duplicates: number;
  /** Confirmed reservations of carts that no paid order lists. */
  readonly unpaid: number;
  /** Holds of carts that do not list them. */
  readonly unlisted: number;
  /** The event does not name the restock order that is under way. */
  readonly isRestockAstray: boolean;
}

/** What a recount found. */
export interface StockRecount extends OrderRecount {
  readonly events: number;
  /** Tickets held or sold beyond the capacity of their event, by counters or by reservations, whichever is worse. */
  readonly oversoldTickets: number;
  /** How many events break an invariant. */
  readonly mismatchCount: number;
  /** The first of them. */
  readonly mismatches: readonly StockMismatch[];
}

/** A big event takes longer to add up than anything else the service asks for, and nobody waits for it. */
const statementMaxMs = 120_000;
const pageSize = 500;
const mismatchesMax = 100;

interface RecountRow extends StockMismatch {
  readonly oversold: number;
  readonly isRight: boolean;
}

/**
 * Everything about one event in one statement, so that the counters and the sums are of the same moment. What belongs to
 * a cart is looked up by the cart's id, row by row; other reservations cost nothing more. No index on reservations
 * serves this: all of an event's active ones are read anyway, and such an index would make every cart's hold dearer.
 */
const recountEvent = `
  select id as "eventId", name, capacity, available, held, sold, really_held as "reallyHeld",
    really_sold as "reallySold", duplicates, unpaid, unlisted,
    restock_order_id is distinct from restock_under_way as "isRestockAstray",
    greatest(held + sold - capacity, really_held + really_sold - capacity, 0)::int as oversold,
    available >= 0 and held >= 0 and sold >= 0 and available + held + sold = capacity
      and held = really_held and sold = really_sold and duplicates = 0 and unpaid = 0 and unlisted = 0
      and restock_order_id is not distinct from restock_under_way as "isRight"
  from events cross join lateral (
    select coalesce(sum(quantity) filter (where status = 'held'), 0)::int as really_held,
      coalesce(sum(quantity) filter (where status = 'confirmed'), 0)::int as really_sold,
      (count(*) - count(distinct user_id))::int as duplicates,
      (count(*) filter (where case when status = 'confirmed' and cart_id is not null then (
        select true from orders where orders.cart_id = reservations.cart_id and orders.status = 'paid'
          and items @> jsonb_build_array(jsonb_build_object('reservation_id', reservations.id)) limit 1
      ) is null end))::int as unpaid,
      (count(*) filter (where case when status = 'held' and cart_id is not null then (
        select true from carts where carts.id = reservations.cart_id
          and items @> jsonb_build_array(jsonb_build_object('reservation_id', reservations.id)) limit 1
      ) is null end))::int as unlisted
    from reservations where event_id = events.id and status in ('held', 'confirmed')
  ) as counted
  cross join lateral (
    select (select id from restock_orders where event_id = events.id and status in ('open', 'placed'))
      as restock_under_way
  ) as restock
  where id = $1`;

/**
 * Compares every event's counters with its reservations, and every order with what was sold for it, over a connection
 * of its own that writes nothing.
 * It locks nothing either, so sales go on while it runs.
 *
 * @param signal stops it at once
 * @throws when the database cannot be reached, or the signal aborts
 */
export async function recountStock(connectionString: string, signal?: AbortSignal): Promise<StockRecount> {
  const client = new pg.Client({
    connectionString,
    application_name: "holdfast audit",
    types: columnTypes,
    connectionTimeoutMillis: timeouts.driverMs,
    statement_timeout: statementMaxMs,
    query_timeout: statementMaxMs + 1_000,
    options: "-c default_transaction_read_only=on",
  });
  client.on("error", () => {});
  signal?.throwIfAborted();
  // A connection that is cut off while it is being made may never say so: whoever stops the work does not wait for it.
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", giveUp);
  try {
    return await Promise.race([client.connect().then(() => recountAll(client)), aborted.promise]);
  } finally {
    // The signal outlives many recounts.
    signal?.removeEventListener("abort", giveUp);
    await endClient(client);
  }
}

async function recountAll(client: pg.Client): Promise<StockRecount> {
  let [events, oversoldTickets, mismatchCount] = [0, 0, 0];
  const mismatches: StockMismatch[] = [];
  for await (const id of listEventIds(client)) {
    const { rows } = await client.query<RecountRow>({
      name: "recount-event",
      text: recountEvent,
      values: [id],
    });
    const row = rows[0];
    // Events are never deleted; one that a person deleted by hand has no stock to be wrong.
    if (row === undefined) continue;
    const { oversold, isRight, ...mismatch } = row;
    events += 1;
    oversoldTickets += oversold;
    if (isRight) continue;
    mismatchCount += 1;
    if (mismatches.length < mismatchesMax) mismatches.push(mismatch);
  }
  return {
    events,
    oversoldTickets,
    mismatchCount,
    mismatches,
    ...(await recountOrders(client, mismatchesMax)),
  };
}

/** The ids of all events, a page at a time. */
async function* listEventIds(client: pg.Client): AsyncGenerator<string> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const { rows } = await client.query<{ id: string }>(
      "select id from events where id > $1 order by id limit $2",
      [after, pageSize],
    );
    for (const { id } of rows) yield id;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** What is wrong with an event's stock, in one line for people. */
export function describeMismatch(mismatch: StockMismatch): string {
  const { name, eventId, capacity, available, held, sold, reallyHeld, reallySold, duplicates } = mismatch;
  const { unpaid, unlisted, isRestockAstray } = mismatch;
  const faults: string[] = [];
  if (available + held + sold !== capacity || Math.min(available, held, sold) < 0)
    faults.push(
      `${available} available, ${held} held and ${sold} sold do not make a capacity of ${capacity}`,
    );
  if (held !== reallyHeld) faults.push(`${held} held by the counter, ${reallyHeld} by the reservations`);
  if (sold !== reallySold) faults.push(`${sold} sold by the counter, ${reallySold} by the reservations`);
  if (duplicates > 0) faults.push(`${duplicates} active reservations beyond one for each user`);
  if (unpaid > 0) faults.push(`${unpaid} sold from carts without a paid order that lists them`);
  if (unlisted > 0) faults.push(`${unlisted} held for carts that do not list them`);
  if (isRestockAstray) faults.push("the restock order that is under way is not the one that the event names");
  return `${name} (${eventId}): ${faults.join(", ")}`;
}
