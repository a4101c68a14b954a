import { randomUUID } from "node:crypto";
import { makeId } from "../../api/kernel/ids.ts";
import type { TestDatabase } from "./open-test-database.ts";

let phonesMade = 0;

/** A phone number that no other call gives. */
export function nextPhone(): string {
  phonesMade += 1;
  return `+49151${String(10_000_000 + phonesMade)}`;
}

/**
 * Adds a customer past the service.
 *
 * @param given.phone one that nobody else has, unless told
 * @param given.accountId the account that a verified sign-up leads to: its own unless told; null for one not verified
 * @returns its id, which is the user id of an account
 */
export async function insertCustomer(
  { query }: Pick<TestDatabase, "query">,
  given: { readonly phone?: string; readonly accountId?: string | null } = {},
): Promise<string> {
  const id = makeId();
  const { phone = nextPhone(), accountId = id } = given;
  await query(
    `insert into customers (id, request_digest, body_digest, first_name, last_name, email, phone_number, created_at,
       verified_at, account_id)
     values ($1, $2, $2, 'Ada', 'Lovelace', 'ada@example.org', $3, now(),
       case when $4::uuid is null then null else now() end, $4::uuid)`,
    [id, randomUUID(), phone, accountId],
  );
  return id;
}

/** Gives an account's phone to a new one, as if its number had been taken over. @returns the new account's id */
export async function moveTo(
  database: Pick<TestDatabase, "query">,
  accountId: string,
  phone: string,
): Promise<string> {
  await database.query("update customers set phone_number = $2 where id = $1", [accountId, nextPhone()]);
  return insertCustomer(database, { phone });
}
