import { sql } from "kysely";
import type { IdempotencyClaim, RecordedReply } from "../kernel/idempotency.ts";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import type { Statement } from "./statement.ts";

export interface IdempotencyRecord extends IdempotencyClaim {
  /** The event or the cart that the request concerns, whose lock guards the record; `noEvent` when it concerns none. */
  readonly eventId: string;
  /** Null while the request's end is not known yet: its first transaction is on disk, its last is still to come. */
  readonly reply: RecordedReply | null;
}

/** Where a record is. */
export type RecordKey = Pick<IdempotencyRecord, "eventId" | "keyDigest">;

/** Stands for the event of requests that concern no event. */
const noEvent = "00000000-0000-0000-0000-000000000000";

const recordColumns = ["event_id", "key_digest", "request_digest", "status", "body"] as const;

interface RecordRow {
  event_id: string;
  key_digest: string;
  request_digest: string;
  status: number | null;
  body: string | null;
}

/** The records under these keys. */
export function selectRecords(asked: readonly RecordKey[]): Statement<RecordRow> {
  return {
    name: "select-idempotency-records",
    text: `select found.* from unnest($1::uuid[], $2::uuid[]) as asked (event_id, key_digest)
      cross join lateral (
        select ${recordColumns.join(", ")} from idempotency_records
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
      plainArray(records.map(({ reply }) => reply?.status ?? "NULL")),
      textArray(records.map(({ reply }) => reply?.body ?? null)),
    ],
  };
}

/** Adds the replies of requests that have none yet, in the transaction that knows them. */
export function completeRecords(
  completions: readonly { readonly key: RecordKey; readonly reply: RecordedReply }[],
): Statement {
  return {
    name: "complete-idempotency-records",
    text: `update idempotency_records set status = new.status, body = new.body
      from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[]) as new (event_id, key_digest, status, body)
      where idempotency_records.event_id = new.event_id and idempotency_records.key_digest = new.key_digest
        and idempotency_records.status is null`,
    values: [
      plainArray(completions.map(({ key }) => key.eventId)),
      plainArray(completions.map(({ key }) => key.keyDigest)),
      plainArray(completions.map(({ reply }) => reply.status)),
      textArray(completions.map(({ reply }) => reply.body)),
    ],
  };
}

/**
 * Adds the reply of a request that does not wait for its end any longer, unless it has one by now.
 *
 * @returns the reply on record, which is the one to send; the given one when the record has been deleted
 */
export async function completeRecord(
  database: Database,
  key: RecordKey,
  reply: RecordedReply,
): Promise<RecordedReply> {
  const isThis = { event_id: key.eventId, key_digest: key.keyDigest };
  const completed = await database
    .updateTable("idempotency_records")
    .set({ status: reply.status, body: reply.body })
    .where((row) => row.and(isThis))
    .where("status", "is", null)
    .returning("status")
    .executeTakeFirst();
  if (completed !== undefined) return reply;
  const row = await database
    .selectFrom("idempotency_records")
    .select(recordColumns)
    .where((each) => each.and(isThis))
    .executeTakeFirst();
  return (row && recordFromRow(row).reply) ?? reply;
}

/** A row of the table as a record. */
export function recordFromRow(row: RecordRow): IdempotencyRecord {
  const { status, body } = row;
  return {
    eventId: row.event_id,
    keyDigest: row.key_digest,
    requestDigest: row.request_digest,
    reply: status === null || body === null ? null : { status, body },
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
    .select(recordColumns)
    .where("event_id", "=", noEvent)
    .where("key_digest", "=", claim.keyDigest)
    .executeTakeFirstOrThrow();
  return recordFromRow(row);
}

/**
 * Sets a key aside for one request, before it is known which event will keep the record of it: records are found by
 * their event, so two requests about different events would not see that they share a key.
 *
 * @returns false when the key belongs to another request
 */
export async function reserveKey(database: Database, claim: IdempotencyClaim): Promise<boolean> {
  const earlier = await claimKey(database, claim);
  return earlier === null || earlier.requestDigest === claim.requestDigest;
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
