import { sql } from "kysely";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";

/** A delivery in our hands, with all that sending it takes. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly endpointId: string;
  readonly messageId: string;
  readonly url: string;
  readonly payload: string;
  readonly attempts: number;
  readonly secret: string;
  /** Null unless it is still valid. */
  readonly previousSecret: string | null;
}

/**
 * Takes deliveries that are due and puts them in our hands for `leaseSeconds`; whoever dies meanwhile leaves them to
 * others. Of what is about the same subject an endpoint gets one at a time, the oldest first.
 *
 * @param database one that was opened `byIndex`
 * @param busy how many of each endpoint are in our hands already
 * @param atOnceMax how many of each endpoint may be
 */
export async function claimWebhookDeliveries(
  database: Database,
  busy: ReadonlyMap<string, number>,
  { atOnceMax, leaseSeconds }: { readonly atOnceMax: number; readonly leaseSeconds: number },
): Promise<ClaimedDelivery[]> {
  const result = await sql<ClaimedDelivery>`
    with due as (
      select delivery.id, endpoint.url, endpoint.secret,
        case when endpoint.previous_secret_until > clock_timestamp() then endpoint.previous_secret end
          as previous_secret
      from webhook_endpoints as endpoint
      left join unnest(${plainArray([...busy.keys()])}::uuid[], ${plainArray([...busy.values()])}::int[])
        as busy (id, deliveries) on busy.id = endpoint.id
      cross join lateral (
        select id from webhook_deliveries as candidate
        where endpoint_id = endpoint.id and status = 'pending' and next_try_at <= clock_timestamp()
          and coalesce(leased_until <= clock_timestamp(), true)
          and id = (
            select id from webhook_deliveries as earliest
            where earliest.endpoint_id = candidate.endpoint_id and earliest.subject_id = candidate.subject_id
              and earliest.status = 'pending'
            order by earliest.endpoint_id, earliest.subject_id, earliest.id limit 1
          )
        order by next_try_at
        limit greatest(${atOnceMax}::int - coalesce(busy.deliveries, 0), 0)
        for update skip locked
      ) as delivery
      where endpoint.disabled_at is null and endpoint.deleted_at is null
    )
    update webhook_deliveries as delivery
    set leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
    from due, webhook_messages as message
    where delivery.id = due.id and message.id = delivery.message_id
    returning delivery.id, delivery.endpoint_id as "endpointId", delivery.message_id as "messageId",
      delivery.attempts, due.url, due.secret, due.previous_secret as "previousSecret",
      message.payload`.execute(database);
  return result.rows;
}

/** What came of one try. */
export interface DeliveryResult {
  readonly id: number;
  /** How often it had been tried before; a result that comes too late is not noted. */
  readonly attemptsBefore: number;
  readonly status: "delivered" | "failed" | "pending";
  /** When `pending`: how long to wait before the next try. */
  readonly waitMs: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

/** Notes what came of tries, all in one statement. */
export async function recordDeliveryResults(
  database: Database,
  results: readonly DeliveryResult[],
): Promise<void> {
  const numbers = (values: readonly (number | null)[]) =>
    plainArray(values.map((value) => (value === null ? "NULL" : value)));
  await sql`
    update webhook_deliveries as delivery set status = result.status, attempts = attempts + 1, leased_until = null,
      last_status = result.last_status, last_error = result.last_error,
      next_try_at = case result.status when 'pending'
        then date_trunc('milliseconds', clock_timestamp()) + result.wait_ms * interval '1 millisecond'
        else next_try_at end,
      ended_at = case result.status when 'pending' then null
        else date_trunc('milliseconds', clock_timestamp()) end
    from unnest(
      ${plainArray(results.map(({ id }) => id))}::bigint[],
      ${plainArray(results.map(({ attemptsBefore }) => attemptsBefore))}::int[],
      ${plainArray(results.map(({ status }) => status))}::text[],
      ${plainArray(results.map(({ waitMs }) => waitMs))}::float8[],
      ${numbers(results.map(({ lastStatus }) => lastStatus))}::int[],
      ${textArray(results.map(({ lastError }) => lastError))}::text[]
    ) as result (id, attempts_before, status, wait_ms, last_status, last_error)
    where delivery.id = result.id and delivery.status = 'pending'
      and delivery.attempts = result.attempts_before`.execute(database);
}
