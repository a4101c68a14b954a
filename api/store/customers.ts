import { sql } from "kysely";
import type { Customer, CustomerView } from "../domain/customer.ts";
import { sendingLimits, type Verification } from "../domain/verification.ts";
import type { Database } from "./open-database.ts";

export interface NewCustomer {
  readonly id: string;
  /** Stands for the sign-up itself: caller and request id. */
  readonly requestDigest: string;
  readonly bodyDigest: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phoneNumber: string;
}

export interface NewVerification {
  readonly id: string;
  readonly codeDigest: Buffer;
  readonly attemptsMax: number;
  readonly validSeconds: number;
}

/** What came of a sign-up: null `expiresAtMs` when nothing was written, since the request is known or too many codes were sent. */
export interface SignUpRow {
  readonly nowMs: number;
  readonly expiresAtMs: number | null;
  /** When the phone's last codes were made, newest first. */
  readonly phoneAtMs: readonly number[];
}

/** A customer's row with that of their newest verification. */
interface ViewRow {
  id: string;
  first_name: string;
  last_name: string;
  email: string;
  phone_number: string;
  created_at: number;
  verified_at: number | null;
  account_id: string | null;
  body_digest: string;
  verification_id: string;
  status: Verification["status"];
  wrong_attempts_at: number[];
  attempts_max: number;
  verification_created_at: number;
  expires_at: number;
  now: number;
}

/**
 * Lets one transaction at a time send codes to a phone, or make it somebody's: until it ends, what was counted and found
 * about the phone stays so.
 */
export async function lockPhone(transaction: Database, phoneNumber: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`phone ${phoneNumber}`}, 0))`.execute(
    transaction,
  );
}

/**
 * Adds a customer and their first verification, in one statement, unless the request is known or the phone was sent too
 * many codes. Nothing here depends on whether the phone belongs to an account.
 *
 * @param transaction must hold the phone's lock
 */
export async function insertCustomer(
  transaction: Database,
  customer: NewCustomer,
  verification: NewVerification,
): Promise<SignUpRow> {
  const { codesPerPhoneMax, windowMs } = sendingLimits;
  const { rows } = await sql<SignUpRow>`
    with moment as materialized (select date_trunc('milliseconds', clock_timestamp()) as now),
    recent as materialized (
      select sent.created_at from moment, verifications as sent
      where sent.phone_number = ${customer.phoneNumber}
        and sent.created_at > moment.now - make_interval(secs => ${windowMs / 1000}::int)
      order by sent.created_at desc limit ${codesPerPhoneMax}::int
    ),
    customer as (
      insert into customers
        (id, request_digest, body_digest, first_name, last_name, email, phone_number, created_at)
      select ${customer.id}::uuid, ${customer.requestDigest}::uuid, ${customer.bodyDigest}::uuid,
        ${customer.firstName}, ${customer.lastName}, ${customer.email}, ${customer.phoneNumber}, moment.now
      from moment where (select count(*) from recent) < ${codesPerPhoneMax}::int
      on conflict (request_digest) do nothing
      returning id, phone_number, created_at
    ),
    verification as (
      insert into verifications
        (id, customer_id, phone_number, code_digest, status, attempts_max, created_at, expires_at)
      select ${verification.id}::uuid, id, phone_number, ${verification.codeDigest}::bytea, 'pending',
        ${verification.attemptsMax}::int, created_at,
        created_at + make_interval(secs => ${verification.validSeconds}::int)
      from customer returning expires_at
    )
    select moment.now as "nowMs", verification.expires_at as "expiresAtMs",
      array(select created_at from recent order by created_at desc) as "phoneAtMs"
    from moment left join verification on true`.execute(transaction);
  const [row] = rows;
  if (row === undefined) throw new Error("A sign-up came to nothing at all.");
  return row;
}

/** The customer that an earlier request has made, as they are now, with a digest of what that request said. */
export async function selectSignUp(
  database: Database,
  requestDigest: string,
): Promise<(CustomerView & { readonly bodyDigest: string }) | null> {
  const row = await selectView(database, sql`customers.request_digest = ${requestDigest}::uuid`);
  return row === null ? null : { ...viewFromRow(row), bodyDigest: row.body_digest };
}

/** A customer, with the verification of the code that was made last. */
export async function selectCustomer(database: Database, customerId: string): Promise<CustomerView | null> {
  const row = await selectView(database, sql`customers.id = ${customerId}::uuid`);
  return row === null ? null : viewFromRow(row);
}

/**
 * Locks a customer, and with them all their verifications. What is read about them afterwards is true until the
 * transaction ends.
 *
 * @returns null when there is no such customer
 */
export async function lockCustomer(
  transaction: Database,
  customerId: string,
): Promise<Pick<Customer, "id" | "phoneNumber" | "accountId"> | null> {
  const row = await transaction
    .selectFrom("customers")
    .select(["id", "phone_number", "account_id"])
    .where("id", "=", customerId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row === undefined ? null : { id: row.id, phoneNumber: row.phone_number, accountId: row.account_id };
}

/**
 * Writes down that a customer has verified their phone. The first one makes it their account; all others are led to it.
 *
 * @param transaction must hold the locks of the customer and of the phone
 * @returns the account
 */
export async function markVerified(
  transaction: Database,
  { id, phoneNumber }: Pick<Customer, "id" | "phoneNumber">,
  nowMs: number,
): Promise<string> {
  const { rows } = await sql<{ accountId: string }>`
    update customers set verified_at = coalesce(verified_at, ${new Date(nowMs)}), account_id = coalesce(
      account_id,
      (select account.id from customers as account
        where account.phone_number = ${phoneNumber} and account.account_id = account.id),
      id
    ) where id = ${id}::uuid returning account_id as "accountId"`.execute(transaction);
  const [row] = rows;
  if (row === undefined) throw new Error(`The customer ${id} is gone.`);
  return row.accountId;
}

async function selectView(database: Database, isAsked: ReturnType<typeof sql>): Promise<ViewRow | null> {
  // A pending verification is the newest, whatever the clock did in between.
  const { rows } = await sql<ViewRow>`
    select customers.id, customers.first_name, customers.last_name, customers.email, customers.phone_number,
      customers.created_at, customers.verified_at, customers.account_id, customers.body_digest,
      newest.id as verification_id, newest.status, newest.wrong_attempts_at, newest.attempts_max,
      newest.created_at as verification_created_at, newest.expires_at,
      date_trunc('milliseconds', clock_timestamp()) as now
    from customers cross join lateral (
      select * from verifications where customer_id = customers.id
      order by (status = 'pending') desc, created_at desc, id desc limit 1
    ) as newest
    where ${isAsked}`.execute(database);
  return rows[0] ?? null;
}

function viewFromRow(row: ViewRow): CustomerView {
  return {
    customer: {
      id: row.id,
      firstName: row.first_name,
      lastName: row.last_name,
      email: row.email,
      phoneNumber: row.phone_number,
      createdAtMs: row.created_at,
      verifiedAtMs: row.verified_at,
      accountId: row.account_id,
    },
    verification: {
      id: row.verification_id,
      status: row.status,
      wrongAttemptsAtMs: row.wrong_attempts_at,
      attemptsMax: row.attempts_max,
      createdAtMs: row.verification_created_at,
      expiresAtMs: row.expires_at,
    },
    nowMs: row.now,
  };
}
