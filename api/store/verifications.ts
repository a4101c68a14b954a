import { sql } from "kysely";
import { sendingLimits, type Verification } from "../domain/verification.ts";
import { plainArray, textArray } from "./array-literals.ts";
import type { NewVerification } from "./customers.ts";
import type { Database } from "./open-database.ts";

/** A verification with what is kept of its code. */
export interface KeptVerification extends Verification {
  readonly codeDigest: Buffer;
}

/** A code to be sent, if it still makes sense. */
export interface CodeToSend {
  readonly verificationId: string;
  readonly phoneNumber: string;
  readonly status: Verification["status"];
  readonly isSent: boolean;
  /** Until the code's deadline, by the database's clock; negative after it. */
  readonly remainingMs: number;
}

/** Codes that are so old that nobody types them any more are not looked for. */
const earlierMax = 10;

/**
 * The verifications of a customer, newest first, and the time after the customer's lock was got.
 *
 * @param transaction must hold the customer's lock
 */
export async function selectVerifications(
  transaction: Database,
  customerId: string,
): Promise<{ readonly verifications: readonly KeptVerification[]; readonly nowMs: number }> {
  const { rows } = await sql<KeptVerification & { readonly nowMs: number }>`
    select id, status, code_digest as "codeDigest", wrong_attempts_at as "wrongAttemptsAtMs",
      attempts_max as "attemptsMax", created_at as "createdAtMs", expires_at as "expiresAtMs",
      date_trunc('milliseconds', clock_timestamp()) as "nowMs"
    from verifications where customer_id = ${customerId}::uuid
    order by (status = 'pending') desc, created_at desc, id desc limit ${earlierMax}`.execute(transaction);
  const [newest] = rows;
  if (newest === undefined) throw new Error(`The customer ${customerId} has no verification.`);
  return { verifications: rows, nowMs: newest.nowMs };
}

/**
 * Writes down what an attempt has changed.
 *
 * @param transaction must hold the customer's lock
 */
export async function updateVerification(
  transaction: Database,
  { id, status, wrongAttemptsAtMs }: Verification,
  nowMs: number,
): Promise<void> {
  await transaction
    .updateTable("verifications")
    .set({
      status,
      wrong_attempts_at: wrongAttemptsAtMs.map((ms) => new Date(ms)),
      ended_at: status === "pending" ? null : new Date(nowMs),
    })
    .where("id", "=", id)
    .execute();
}

/** When the last codes of a phone were made, newest first. @param transaction must hold the phone's lock */
export async function selectCodeTimes(
  transaction: Database,
  phoneNumber: string,
): Promise<readonly number[]> {
  const rows = await transaction
    .selectFrom("verifications")
    .select("created_at")
    .where("phone_number", "=", phoneNumber)
    .orderBy("created_at", "desc")
    .limit(sendingLimits.codesPerPhoneMax)
    .execute();
  return rows.map(({ created_at }) => created_at);
}

/**
 * Ends the customer's pending verification, if there is one, and adds another.
 *
 * @param transaction must hold the locks of the customer and of the phone
 * @param customer.nowMs database time, read under those locks
 */
export async function replaceVerification(
  transaction: Database,
  customer: { readonly id: string; readonly phoneNumber: string; readonly nowMs: number },
  { id, codeDigest, attemptsMax, validSeconds }: NewVerification,
): Promise<Verification> {
  const { nowMs } = customer;
  await transaction
    .updateTable("verifications")
    .set({ status: "superseded", ended_at: new Date(nowMs) })
    .where("customer_id", "=", customer.id)
    .where("status", "=", "pending")
    .execute();
  const expiresAtMs = nowMs + validSeconds * 1000;
  await transaction
    .insertInto("verifications")
    .values({
      id,
      customer_id: customer.id,
      phone_number: customer.phoneNumber,
      code_digest: codeDigest,
      status: "pending",
      attempts_max: attemptsMax,
      created_at: new Date(nowMs),
      expires_at: new Date(expiresAtMs),
    })
    .execute();
  return { id, status: "pending", wrongAttemptsAtMs: [], attemptsMax, createdAtMs: nowMs, expiresAtMs };
}

/** The codes of these verifications, each with what decides whether it is to be sent. */
export async function selectCodesToSend(
  database: Database,
  verificationIds: readonly string[],
): Promise<ReadonlyMap<string, CodeToSend>> {
  const { rows } = await sql<CodeToSend>`
    select id as "verificationId", phone_number as "phoneNumber", status, sms_sent_at is not null as "isSent",
      (extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as "remainingMs"
    from verifications where id = any(${plainArray(verificationIds)}::uuid[])`.execute(database);
  return new Map(rows.map((row) => [row.verificationId, row]));
}

/**
 * Writes down that codes were sent. A crash of the server may take that back, and they are sent once more; so nobody
 * waits for the disk.
 */
export async function markCodesSent(database: Database, verificationIds: readonly string[]): Promise<void> {
  await sql`update verifications set sms_sent_at = date_trunc('milliseconds', clock_timestamp()), sms_error = null
    from (select set_config('synchronous_commit', 'off', true)) as lazily
    where id = any(${plainArray(verificationIds)}::uuid[])`.execute(database);
}

/** Writes down why codes will not be sent. */
export async function markCodesRefused(
  database: Database,
  refusals: readonly { readonly verificationId: string; readonly reason: string }[],
): Promise<void> {
  const ids = plainArray(refusals.map(({ verificationId }) => verificationId));
  const reasons = textArray(refusals.map(({ reason }) => reason));
  await sql`update verifications set sms_error = refused.reason
    from unnest(${ids}::uuid[], ${reasons}::text[]) as refused (id, reason)
    where verifications.id = refused.id`.execute(database);
}
