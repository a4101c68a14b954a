import { sql } from "kysely";
import type { IdempotencyClaim, RecordedReply } from "../kernel/idempotency.ts";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import type { Statement } from "./statement.ts";

export interface IdempotencyRecord extends IdempotencyClaim, RecordedReply {
  /** The event that the request concerns; `noEvent` when it concerns none. */
  readonly eventId: string;
}

/** Stands for the event of requests that concern no event. */
const noEvent = "00000000-0000-0000-0000-000000000000";

interface RecordRow {
  event_id: string;
  key_digest: string;
  request_digest: string;
  status: number | null;
  body: string | null;
}

/** The records under these keys. */
export function selectRecords(
  asked: readonly { eventId: string; keyDigest: string }[],
): Statement<RecordRow> {
  return {
    name: "select-idempotency-records",
    text: `select found.* from unnest($1::uuid[], $2::uuid[]) as asked (event_id, key_digest)
      cross join lateral (
        select event_id, key_digest, request_digest, status, body from idempotency_records
        where event_id = asked.event_id and key_digest = asked.key_digest limit 1
      ) as found`,
    values: [plainArray(asked.map((key) => key.eventId)), plainArray(asked.map((key) => key.keyDigest))],
  };
}

/** Keeps the replies of requests, in the transaction of their effects. */
export function insertRecords(records: readonly IdempotencyRecord[]): Statement {
  return {
    name: "insert-idempotency-records",
    text: `insert into idempotency_records (event_id, key_digest, request_digest, status, body)
      select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[])`,
    values: [
      plainArray(records.map((record) => record.eventId)),
      plainArray(records.map((record) => record.keyDigest)),
      plainArray(records.map((record) => record.requestDigest)),
      plainArray(records.map((record) => record.status)),
      textArray(records.map((record) => record.body)),
    ],
  };
}

/** A row of the table as a record. @throws when it has no reply, which no committed row can lack */
export function recordFromRow(row: RecordRow): IdempotencyRecord {
  if (row.status === null || row.body === null)
    throw new Error("An idempotency record was committed without its reply.");
  return {
    eventId: row.event_id,
    keyDigest: row.key_digest,
    requestDigest: row.request_digest,
    status: row.status,
    body: row.body,
  };
}

/**
 * Claims a key for a request outside the desk, first thing in its transaction. A second transaction with the
 * same key waits here until the first has ended.
 *
 * @returns null when the key is ours now; otherwise what was recorded under it
 */
export async function claimKey(
  transaction: Database,
  claim: IdempotencyClaim,
): Promise<IdempotencyRecord | null> {
  const inserted = await transaction
    .insertInto("idempotency_records")
    .values({ event_id: noEvent, key_digest: claim.keyDigest, request_digest: claim.requestDigest })
    .onConflict((conflict) => conflict.doNothing())
    .returning("key_digest")
    .executeTakeFirst();
  if (inserted !== undefined) return null;
  const row = await transaction
    .selectFrom("idempotency_records")
    .select(["event_id", "key_digest", "request_digest", "status", "body"])
    .where("event_id", "=", noEvent)
    .where("key_digest", "=", claim.keyDigest)
    .executeTakeFirstOrThrow();
  return recordFromRow(row);
}

/** Writes the reply under a key that this transaction has claimed. */
export async function recordReply(
  transaction: Database,
  claim: IdempotencyClaim,
  reply: RecordedReply,
): Promise<void> {
  await transaction
    .updateTable("idempotency_records")
    .set({ status: reply.status, body: reply.body })
    .where("event_id", "=", noEvent)
    .where("key_digest", "=", claim.keyDigest)
    .execute();
}

/**
 * Deletes at most `recordsMax` records older than `hours`.
 *
 * @returns how many were deleted
 */
export async function deleteOldRecords(
  database: Database,
  hours: number,
  recordsMax: number,
): Promise<number> {
  const result = await sql`
    delete from idempotency_records where ctid = any(array(
      select ctid from idempotency_records
      where created_at < statement_timestamp() - make_interval(hours => ${hours}) limit ${recordsMax}
    ))`.execute(database);
  return Number(result.numAffectedRows ?? 0);
}
