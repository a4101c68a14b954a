import type pg from "pg";
import { ampleCapacity, createEvents } from "./create-events.ts";
import { dropIndexes } from "./drop-indexes.ts";

const oldEvents = 1_000;
const chunkRows = 1_000_000;
const daysAgo = 30;

/**
 * Fills a database with reservations of the past month: 7 of 10 expired, 2 cancelled, 1 confirmed. One in ten
 * belongs to an event that still has stock, the rest to 1,000 events that are sold out.
 *
 * @returns the id of the event that still has stock
 * @throws when `signal` is aborted; the database is then of no use
 */
export async function createHistory(
  client: pg.Client,
  count: number,
  log: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const [current = ""] = await createEvents(client, 1, ampleCapacity);
  const old = await createEvents(client, oldEvents, 0);
  const restoreIndexes = await dropIndexes(client, "reservations");
  for (let done = 0; done < count; done += chunkRows) {
    signal.throwIfAborted();
    await insertReservations(client, {
      current,
      old,
      from: done + 1,
      to: Math.min(done + chunkRows, count),
      count,
    });
    log(`${Math.min(done + chunkRows, count).toLocaleString("en")} old reservations written`);
  }
  await setCounters(client);
  await restoreIndexes();
  await client.query("vacuum (analyze) reservations");
  await client.query("vacuum (analyze) events");
  return current;
}

interface Part {
  readonly current: string;
  readonly old: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The ids are made like the service's: UUIDv7 in the order of time, with the event's number at the end. */
async function insertReservations(client: pg.Client, { current, old, from, to, count }: Part): Promise<void> {
  const eventIds = [current, ...old];
  const { rows } = await client.query<{ numbers: number[] }>(
    `select array_agg(number order by position) as numbers
      from unnest($1::uuid[]) with ordinality as asked (id, position) join events using (id)`,
    [eventIds],
  );
  await client.query(
    `insert into reservations
        (event_id, id, user_id, quantity, status, expires_at, created_at, confirmed_at, released_at, cause)
      select
        ($1::uuid[])[slot],
        (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000'
          || '8' || lpad(to_hex(n), 7, '0') || lpad(to_hex(($2::int[])[slot]), 8, '0'))::uuid,
        'old-' || n, 1,
        case when fate < 7 then 'expired' when fate < 9 then 'cancelled' else 'confirmed' end,
        at + interval '10 minutes', at,
        case when fate = 9 then at + interval '1 minute' end,
        case when fate < 7 then at + interval '10 minutes' when fate < 9 then at + interval '2 minutes' end,
        case when fate < 7 then 'deadline_passed' when fate < 9 then 'cancelled_by_buyer' end
      from generate_series($3::int, $4::int) as n,
        lateral (select
          now() - make_interval(days => $5::int) * (1 - n / ($6::float8 + 1)) - interval '1 hour' as at,
          case when n % 10 = 0 then 1 else 2 + n % $7::int end as slot,
          n / 10 % 10 as fate) as derived`,
    [eventIds, rows[0]?.numbers, from, to, daysAgo, count, old.length],
  );
}

/** Makes every event's counters the sums of its reservations, and the old events sold out. */
async function setCounters(client: pg.Client): Promise<void> {
  await client.query(
    `update events set
        capacity = case when capacity = 0 then sums.sold else capacity end,
        available = case when capacity = 0 then 0 else capacity - sums.sold end,
        sold = sums.sold
      from (
        select event_id, count(*)::int as sold from reservations where status = 'confirmed' group by event_id
      ) as sums
      where sums.event_id = events.id`,
  );
}
