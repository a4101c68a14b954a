import { sql } from "kysely";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import type { Statement } from "./statement.ts";

/** A message about something that happened. */
export interface WebhookMessage {
  readonly id: string;
  readonly type: string;
  readonly subjectId: string;
  readonly payload: string;
}

/**
 * Writes messages, and a delivery of each to every live endpoint that wants its type. A message that nobody wants any
 * more is not written. Deliveries get rising ids in the order of the messages.
 */
export function insertWebhookMessages(messages: readonly WebhookMessage[], nowMs: number): Statement {
  return {
    name: "insert-webhook-messages",
    text: `with wanted as (
        select new.*, endpoint.id as endpoint_id
        from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[])
          with ordinality as new (id, type, subject_id, payload, place)
        join webhook_endpoints as endpoint
          on new.type = any(endpoint.event_types) and endpoint.disabled_at is null and endpoint.deleted_at is null
      ), written as (
        insert into webhook_messages (id, type, subject_id, payload, created_at)
        select distinct on (id) id, type, subject_id, payload, $5::timestamptz from wanted
      )
      insert into webhook_deliveries (endpoint_id, message_id, subject_id, status, next_try_at, created_at)
      select endpoint_id, id, subject_id, 'pending', $5::timestamptz, $5::timestamptz from wanted order by place`,
    values: [
      plainArray(messages.map(({ id }) => id)),
      plainArray(messages.map(({ type }) => type)),
      plainArray(messages.map(({ subjectId }) => subjectId)),
      textArray(messages.map(({ payload }) => payload)),
      new Date(nowMs),
    ],
  };
}

/**
 * Deletes at most `messagesMax` messages older than `days` with the log of their deliveries, and the deleted endpoints
 * of which nothing is left. What is still to be delivered stays.
 *
 * @returns how many messages were deleted
 */
export async function deleteOldWebhookMessages(
  database: Database,
  days: number,
  messagesMax: number,
): Promise<number> {
  const result = await sql`
    with old as (
      select id from webhook_messages as message
      where created_at < statement_timestamp() - make_interval(days => ${days}) and not exists (
        select from webhook_deliveries where message_id = message.id and status = 'pending'
      )
      order by created_at limit ${messagesMax}
    ), forgotten as (
      delete from webhook_deliveries where message_id in (select id from old)
    )
    delete from webhook_messages where id in (select id from old)`.execute(database);
  await sql`
    delete from webhook_endpoints as endpoint where deleted_at is not null
      and not exists (select from webhook_deliveries where endpoint_id = endpoint.id)`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}
