import { type RawBuilder, sql } from "kysely";
import type { NoticeType } from "../domain/webhook-notices.ts";
import type { PageRequest } from "../kernel/page.ts";
import { plainArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";

export type DeliveryStatus = "pending" | "delivered" | "failed";

/** A message on its way to an endpoint, or at its end. */
export interface WebhookDelivery {
  readonly id: number;
  readonly messageId: string;
  readonly type: NoticeType;
  readonly subjectId: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly nextTryAtMs: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  readonly payload: string;
}

const columns = sql`delivery.id, delivery.message_id as "messageId", message.type,
  delivery.subject_id as "subjectId", delivery.status, delivery.attempts, delivery.next_try_at as "nextTryAtMs",
  delivery.last_status as "lastStatus", delivery.last_error as "lastError", delivery.created_at as "createdAtMs",
  delivery.ended_at as "endedAtMs", message.payload`;

/** What was sent to an endpoint and is to be sent, newest first. @param status null for all */
export function selectWebhookDeliveryPage(
  database: Database,
  { endpointId, status }: { readonly endpointId: string; readonly status: DeliveryStatus | null },
  request: PageRequest,
) {
  const wanted = sql`delivery.endpoint_id = ${endpointId}
    and ${status === null ? sql`true` : sql`delivery.status = ${status}`}`;
  const select = async (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const comparison = order === "desc" ? sql`<` : sql`>`;
    const after: RawBuilder<unknown> =
      cursor === null ? sql`true` : sql`delivery.id ${comparison} ${cursor}::bigint`;
    const result = await sql<WebhookDelivery>`
      select ${columns} from webhook_deliveries as delivery
      join webhook_messages as message on message.id = delivery.message_id
      where ${wanted} and ${after} order by delivery.id ${order === "desc" ? sql`desc` : sql`asc`}
      limit ${rowsMax}`.execute(database);
    return result.rows;
  };
  const count = async () => {
    const result = await sql<{ total: number }>`
      select count(*) as total from webhook_deliveries as delivery where ${wanted}`.execute(database);
    return result.rows[0]?.total ?? 0;
  };
  return readPage(request, { select, count, map: (row: WebhookDelivery) => row });
}

/**
 * Has a message sent to an endpoint again: at once if it is still to be sent, and otherwise as a new delivery.
 *
 * @param transaction one that is open
 * @returns null when the message was never meant for that endpoint
 */
export async function resendWebhookMessage(
  transaction: Database,
  endpointId: string,
  messageId: string,
): Promise<WebhookDelivery | null> {
  const hurried = await sql<{ id: number }>`
    update webhook_deliveries set next_try_at = date_trunc('milliseconds', clock_timestamp())
    where endpoint_id = ${endpointId} and message_id = ${messageId} and status = 'pending'
    returning id`.execute(transaction);
  const made = hurried.rows[0] ?? (await addDelivery(transaction, endpointId, messageId));
  if (made === null) return null;
  const result = await sql<WebhookDelivery>`
    select ${columns} from webhook_deliveries as delivery
    join webhook_messages as message on message.id = delivery.message_id
    where delivery.id = ${made.id}`.execute(transaction);
  return result.rows[0] ?? null;
}

async function addDelivery(
  transaction: Database,
  endpointId: string,
  messageId: string,
): Promise<{ readonly id: number } | null> {
  const result = await sql<{ id: number }>`
    insert into webhook_deliveries (endpoint_id, message_id, subject_id, status, next_try_at, created_at)
    select endpoint_id, message_id, delivery.subject_id, 'pending', now, now
    from webhook_deliveries as delivery join webhook_messages on webhook_messages.id = message_id,
      date_trunc('milliseconds', clock_timestamp()) as now
    where endpoint_id = ${endpointId} and message_id = ${messageId}
    limit 1
    returning id`.execute(transaction);
  return result.rows[0] ?? null;
}

/** How many deliveries are to be made: not tried yet, in somebody's hands, and tried in vain; and how many were given up. */
export interface DeliveryCounts {
  readonly waiting: number;
  readonly running: number;
  readonly retrying: number;
  readonly failed: number;
}

/** Counts what is to be delivered and what was given up, at most `countedMax` of each. */
export async function countWebhookDeliveries(
  database: Database,
  countedMax: number,
): Promise<DeliveryCounts> {
  const result = await sql<DeliveryCounts>`
    select count(*) filter (where not is_leased and attempts = 0) as waiting,
      count(*) filter (where is_leased) as running,
      count(*) filter (where not is_leased and attempts > 0) as retrying,
      (select count(*) from (select from webhook_deliveries where status = 'failed' limit ${countedMax}) as failed)
        as failed
    from (
      select attempts, coalesce(leased_until > clock_timestamp(), false) as is_leased
      from webhook_deliveries where status = 'pending' limit ${countedMax}
    ) as pending`.execute(database);
  return result.rows[0] ?? { waiting: 0, running: 0, retrying: 0, failed: 0 };
}

/** A delivery that was tried in vain and will be tried again. */
export interface TroubledDelivery {
  readonly messageId: string;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly nextTryAtMs: number;
  readonly lastError: string | null;
}

/** Those that are tried again next. */
export async function selectTroubledDeliveries(
  database: Database,
  rowsMax: number,
): Promise<TroubledDelivery[]> {
  const result = await sql<TroubledDelivery>`
    select message_id as "messageId", attempts, created_at as "createdAtMs", next_try_at as "nextTryAtMs",
      last_error as "lastError"
    from webhook_deliveries where status = 'pending' and attempts > 0
    order by next_try_at limit ${rowsMax}`.execute(database);
  return result.rows;
}

/** Makes what was tried in vain due at once. */
export async function hurryWebhookDeliveries(database: Database): Promise<void> {
  await sql`update webhook_deliveries set next_try_at = clock_timestamp()
    where status = 'pending' and attempts > 0 and next_try_at > clock_timestamp()`.execute(database);
}

/**
 * Ends at most `deliveriesMax` deliveries to endpoints that were disabled or deleted.
 *
 * @returns how many were ended
 */
export async function endAbandonedDeliveries(database: Database, deliveriesMax: number): Promise<number> {
  const result = await sql`
    with abandoned as (
      select delivery.id, endpoint.deleted_at is not null as is_deleted
      from webhook_endpoints as endpoint cross join lateral (
        select id from webhook_deliveries
        where endpoint_id = endpoint.id and status = 'pending'
          and coalesce(leased_until <= clock_timestamp(), true)
        limit ${deliveriesMax} for update skip locked
      ) as delivery
      where endpoint.disabled_at is not null or endpoint.deleted_at is not null
      limit ${deliveriesMax}
    )
    update webhook_deliveries as delivery set status = 'failed', ended_at = clock_timestamp(), leased_until = null,
      last_error = case when is_deleted then 'The endpoint was deleted.' else 'The endpoint is disabled.' end
    from abandoned where delivery.id = abandoned.id`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}

/** Lets go of deliveries that were taken and not tried. */
export async function releaseWebhookDeliveries(database: Database, ids: readonly number[]): Promise<void> {
  await sql`update webhook_deliveries set leased_until = null
    where id = any(${plainArray(ids)}::bigint[]) and status = 'pending'`.execute(database);
}
