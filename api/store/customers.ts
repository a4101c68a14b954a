import { sql } from "kysely";
import type { Customer, CustomerView } from "../domain/customer.ts";
import { sendingLimits, type Verification } from "../domain/verification.ts";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";

interface NewCustomer {
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

/** A sign-up to be written down. */
export interface NewSignUp {
  readonly customer: NewCustomer;
  readonly verification: NewVerification;
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
 * Lets one transaction at a time send codes to these phones, or make them somebody's: until it ends, what was counted
 * and found about them stays so. They are locked in one order, so that no two transactions wait for each other.
 */
export async function lockPhones(transaction: Database, phoneNumbers: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('phone ' || phone, 0))
    from (select phone from unnest(${textArray(phoneNumbers)}::text[]) as phone order by phone) as in_order`.execute(
    transaction,
  );
}

/**
 * Adds customers, each with their first verification, in one statement; but none whose request is known or whose phone
 * was sent too many codes. Nothing here depends on whether a phone belongs to an account.
 *
 * @param transaction must hold the locks of the phones
 * @param signUps each with a phone of its own
 * @returns what came of each, in the same order
 */
export async function insertCustomers(
  transaction: Database,
  signUps: readonly NewSignUp[],
): Promise<SignUpRow[]> {
  const { codesPerPhoneMax, windowMs } = sendingLimits;
  const plain = (valueOf: (signUp: NewSignUp) => string | number) => plainArray(signUps.map(valueOf));
  const texts = (valueOf: (customer: NewCustomer) => string) =>
    textArray(signUps.map(({ customer }) => valueOf(customer)));
  const { rows } = await sql<SignUpRow & { readonly customerId: string }>`
    with moment as materialized (select date_trunc('milliseconds', clock_timestamp()) as now),
    asked as materialized (
      select * from unnest(
        ${plain(({ customer }) => customer.id)}::uuid[], ${plain(({ customer }) => customer.requestDigest)}::uuid[],
        ${plain(({ customer }) => customer.bodyDigest)}::uuid[], ${texts(({ firstName }) => firstName)}::text[],
        ${texts(({ lastName }) => lastName)}::text[], ${texts(({ email }) => email)}::text[],
        ${texts(({ phoneNumber }) => phoneNumber)}::text[], ${plain(({ verification }) => verification.id)}::uuid[],
        ${plain(({ verification }) => verification.codeDigest.toString("hex"))}::text[],
        ${plain(({ verification }) => verification.attemptsMax)}::int[],
        ${plain(({ verification }) => verification.validSeconds)}::int[]
      ) as asked (id, request_digest, body_digest, first_name, last_name, email, phone_number, verification_id,
        code_digest, attempts_max, valid_seconds)
    ),
    recent as materialized (
      select asked.id, array(
        select sent.created_at from verifications as sent
        where sent.phone_number = asked.phone_number
          and sent.created_at > moment.now - make_interval(secs => ${windowMs / 1000}::int)
        order by sent.created_at desc limit ${codesPerPhoneMax}::int
      ) as at_times
      from asked, moment
    ),
    customer as (
      insert into customers
        (id, request_digest, body_digest, first_name, last_name, email, phone_number, created_at)
      select asked.id, request_digest, body_digest, first_name, last_name, email, phone_number, moment.now
      from asked join recent on recent.id = asked.id, moment
      where cardinality(recent.at_times) < ${codesPerPhoneMax}::int
      on conflict (request_digest) do nothing
      returning id, created_at
    ),
    verification as (
      insert into verifications
        (id, customer_id, phone_number, code_digest, status, attempts_max, created_at, expires_at)
      select verification_id, customer.id, phone_number, decode(code_digest, 'hex'), 'pending', attempts_max,
        customer.created_at, customer.created_at + make_interval(secs => valid_seconds)
      from customer join asked on asked.id = customer.id
      returning customer_id, expires_at
    )
    select recent.id as "customerId", moment.now as "nowMs", verification.expires_at as "expiresAtMs",
      recent.at_times as "phoneAtMs"
    from moment, recent left join verification on verification.customer_id = recent.id`.execute(transaction);
  const byId = new Map(rows.map((row) => [row.customerId, row]));
  return signUps.map(({ customer }) => {
    const row = byId.get(customer.id);
    if (row === undefined) throw new Error("A sign-up came to nothing at all.");
    return row;
  });
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
