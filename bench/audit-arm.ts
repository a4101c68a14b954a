import type pg from "pg";
import type { Arm } from "./arms/arm-catalog.ts";
import { type LoadPlan, type LoadResult, type ReceivedHolds, userIdOf } from "./load/load-plan.ts";
import { idLength } from "./load/received-holds.ts";

/** How many rows broke each rule. An arm passes when all are 0. */
export interface AuditResult {
  readonly passed: boolean;
  readonly violations: Readonly<Record<string, number>>;
  /** 201s that were looked up. */
  readonly receivedHolds: number;
}

interface StockViolations {
  /** Events where active quantities and available do not add up to the capacity. */
  readonly unbalancedEvents: number;
  /** Events whose counters held and sold are not the sums of their reservations. */
  readonly miscountedEvents: number;
  /** Users with more than one active reservation of an event. */
  readonly usersTwice: number;
}

interface HoldViolations extends StockViolations {
  /** 201s without an active reservation with that id, event and user. */
  readonly lostHolds: number;
  /** Ids that were given out twice. */
  readonly repeatedIds: number;
  /** Confirmations answered with 200 that are not in the table as such. */
  readonly lostConfirmations: number;
  /** Reservations of the load's users that nobody was told of. Not judged when a connection broke. */
  readonly untoldHolds: number;
}

const chunkRows = 20_000;

/** Compares what the clients were told with what the database has, in one snapshot. */
export async function auditArm(
  client: pg.Client,
  arm: Pick<Arm, "server">,
  { plan, result }: { plan: LoadPlan; result: Pick<LoadResult, "received" | "confirmedTotal" | "failures"> },
): Promise<AuditResult> {
  // Nothing stands behind the 201s of this arm.
  const isExpectedInTable = arm.server !== "noop";
  const received = isExpectedInTable ? result.received : { ...result.received, count: 0 };
  await writeReceived(client, plan, received);
  await client.query("begin isolation level repeatable read, read only");
  try {
    const stock = await readStockViolations(client);
    const holds = await readHoldViolations(client, plan.userTag);
    const violations: HoldViolations = {
      ...stock,
      lostHolds: holds.lost,
      repeatedIds: received.count - holds.distinct_ids,
      lostConfirmations: Math.max(result.confirmedTotal - holds.confirmed, 0),
      untoldHolds: result.failures > 0 ? 0 : Math.max(holds.written - received.count, 0),
    };
    return judgeViolations({ ...violations }, received.count);
  } finally {
    await client.query("rollback");
  }
}

/** @param violations how many rows broke each rule @param looked how many 201s were looked up */
export function judgeViolations(violations: Readonly<Record<string, number>>, looked: number): AuditResult {
  const passed = Object.values(violations).every((count) => count === 0);
  return { passed, violations, receivedHolds: looked };
}

/** Puts the 201s into a table of the session's own. */
async function writeReceived(client: pg.Client, plan: LoadPlan, received: ReceivedHolds): Promise<void> {
  await client.query(
    `create temporary table if not exists received_holds
      (event_id uuid not null, id uuid not null, user_id text not null)`,
  );
  await client.query("truncate received_holds");
  const ids = Buffer.from(received.ids.buffer, received.ids.byteOffset, received.ids.byteLength);
  for (let start = 0; start < received.count; start += chunkRows) {
    const rows = Array.from(
      { length: Math.min(chunkRows, received.count - start) },
      (_, offset) => start + offset,
    );
    await client.query(
      "insert into received_holds select * from unnest($1::uuid[], $2::uuid[], $3::text[])",
      [
        rows.map((row) => plan.eventIds[received.eventIndexes[row] ?? 0]),
        rows.map((row) => ids.toString("latin1", row * idLength, (row + 1) * idLength)),
        rows.map((row) => userIdOf(plan.userTag, received.userNumbers[row] ?? 0)),
      ],
    );
  }
  await client.query("analyze received_holds");
}

/** Recounts the stock of every event from its reservations. */
export async function readStockViolations(client: pg.Client): Promise<StockViolations> {
  const { rows: counters } = await client.query<{ unbalanced: number; miscounted: number }>(
    `with sums as (
        select event_id,
          coalesce(sum(quantity) filter (where status = 'held'), 0) as held,
          coalesce(sum(quantity) filter (where status = 'confirmed'), 0) as sold
        from reservations group by event_id
      )
      select
        count(*) filter (where available + coalesce(sums.held, 0) + coalesce(sums.sold, 0) <> capacity)::int
          as unbalanced,
        count(*) filter (
          where events.held <> coalesce(sums.held, 0) or events.sold <> coalesce(sums.sold, 0)
        )::int
          as miscounted
      from events left join sums on sums.event_id = events.id`,
  );
  const { rows: users } = await client.query<{ twice: number }>(
    `select count(*)::int as twice from (
        select 1 from reservations where status in ('held', 'confirmed')
        group by event_id, user_id having count(*) > 1
      ) as pairs`,
  );
  return {
    unbalancedEvents: counters[0]?.unbalanced ?? 0,
    miscountedEvents: counters[0]?.miscounted ?? 0,
    usersTwice: users[0]?.twice ?? 0,
  };
}

interface HoldCounts {
  readonly lost: number;
  readonly distinct_ids: number;
  readonly confirmed: number;
  readonly written: number;
}

async function readHoldViolations(client: pg.Client, userTag: string): Promise<HoldCounts> {
  const { rows } = await client.query<HoldCounts>(
    `select
        count(*) filter (where reservations.id is null)::int as lost,
        count(distinct received_holds.id)::int as distinct_ids,
        count(*) filter (where reservations.status = 'confirmed')::int as confirmed,
        (select count(*)::int from reservations where user_id like $1) as written
      from received_holds left join reservations
        on reservations.event_id = received_holds.event_id and reservations.id = received_holds.id
        and reservations.user_id = received_holds.user_id and reservations.status in ('held', 'confirmed')`,
    [`${userIdOf(userTag, 0).slice(0, -9)}%`],
  );
  return rows[0] ?? { lost: 1, distinct_ids: 0, confirmed: 0, written: 0 };
}
