import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { BenchError } from "../bench-error.ts";
import { createEvents } from "./create-events.ts";

/** Beside the event that is measured. Half of the other holds are on that one, half on these. */
const otherEvents = 10;
/** Time to write the holds and to warm the service up before they end. */
const leadSeconds = 15;
const leastWarmUpMs = 1_000;
const pollMs = 200;

/** The moment at which all of the other holds end, by the clock of the database. */
export interface CommonDeadline {
  readonly at: string;
  /** @throws BenchError when too little time is left to warm up */
  remainingMs(): Promise<number>;
}

/** Writes holds of other users by SQL, all with one deadline: in some seconds, or in a day. */
export async function createOtherHolds(
  client: pg.Client,
  { eventId, count, expiring }: { eventId: string; count: number; expiring: boolean },
): Promise<CommonDeadline> {
  const perEvent = Math.trunc(count / 2 / otherEvents);
  const others = await createEvents(client, otherEvents, perEvent);
  const at = await readDeadline(client, expiring ? leadSeconds : 86_400);
  await insertHolds(client, [eventId], count - perEvent * otherEvents, at);
  await insertHolds(client, others, perEvent, at);
  return {
    at,
    async remainingMs() {
      const { rows } = await client.query<{ ms: number }>(
        "select (extract(epoch from $1::timestamptz - clock_timestamp()) * 1000)::float8 as ms",
        [at],
      );
      const ms = rows[0]?.ms ?? 0;
      if (ms < leastWarmUpMs)
        throw new BenchError(`Writing ${count} holds took longer than ${leadSeconds - 1} s.`);
      return ms;
    },
  };
}

/**
 * Waits until none of the holds with this deadline is held any more. It only reads, by an index.
 *
 * @returns seconds from the deadline; null when they are still there after `limitSeconds` or when `signal` is
 * aborted
 */
export async function waitUntilReleased(
  client: pg.Client,
  deadline: Pick<CommonDeadline, "at">,
  limitSeconds: number,
  signal: AbortSignal,
): Promise<number | null> {
  for (;;) {
    const { rows } = await client.query<{ seconds: number; held: boolean }>(
      `select extract(epoch from clock_timestamp() - $1::timestamptz)::float8 as seconds,
        exists (select 1 from reservations where status = 'held' and expires_at <= $1::timestamptz) as held`,
      [deadline.at],
    );
    const { seconds, held } = rows[0] ?? { seconds: limitSeconds, held: true };
    if (!held) return seconds;
    if (seconds >= limitSeconds || signal.aborted) return null;
    // Before the deadline there is nothing to see; the limit keeps an abort from waiting for long.
    await wait(Math.min(Math.max(pollMs, -seconds * 1000), 1_000));
  }
}

async function readDeadline(client: pg.Client, inSeconds: number): Promise<string> {
  const { rows } = await client.query<{ at: string }>(
    "select (date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $1))::text as at",
    [inSeconds],
  );
  return rows[0]?.at ?? "";
}

/** The ids are made like the service's: UUIDv7 with the event's number at the end. */
async function insertHolds(
  client: pg.Client,
  eventIds: readonly string[],
  perEvent: number,
  at: string,
): Promise<void> {
  await client.query("begin");
  await client.query(`update events set available = available - $2, held = held + $2 where id = any($1)`, [
    eventIds,
    perEvent,
  ]);
  await client.query(
    `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at)
      select events.id,
        (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7000'
          || '8' || lpad(to_hex(n), 7, '0') || lpad(to_hex(events.number), 8, '0'))::uuid,
        'other-' || n, 1, 'held', $3::timestamptz, clock_timestamp()
      from events cross join generate_series(1, $2) as n
      where events.id = any($1)`,
    [eventIds, perEvent, at],
  );
  await client.query("commit");
}
