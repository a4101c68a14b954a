import { sql } from "kysely";
import type { Database } from "./open-database.ts";
import type { KeptJobState } from "./restock-histories.ts";

/** One code that was sent to a phone, and what became of it. */
interface VerificationHistory {
  readonly id: string;
  readonly status: "pending" | "expired" | "verified" | "exhausted" | "superseded";
  readonly phoneNumber: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
  readonly smsSentAtMs: number | null;
  readonly smsError: string | null;
  readonly wrongAttemptsAtMs: readonly number[];
  readonly attemptsMax: number;
  readonly jobState: KeptJobState | null;
}

/** A customer with the newest of their verifications, newest first. */
export interface CustomerHistory {
  readonly customerId: string;
  readonly phoneNumber: string;
  readonly createdAtMs: number;
  readonly verifiedAtMs: number | null;
  readonly accountId: string | null;
  readonly verifications: readonly VerificationHistory[];
}

interface SelectLimits {
  readonly customersMax: number;
  readonly verificationsMax: number;
}

type CustomerRow = Omit<CustomerHistory, "verifications">;
type VerificationRow = VerificationHistory & { readonly customerId: string };

/** The customers of this id, or who signed up with this phone, newest first, with what became of their codes. */
export async function selectVerificationHistories(
  database: Database,
  sought: { readonly customerId: string } | { readonly phoneNumber: string },
  { customersMax, verificationsMax }: SelectLimits,
): Promise<CustomerHistory[]> {
  const isSought =
    "customerId" in sought ? sql`id = ${sought.customerId}` : sql`phone_number = ${sought.phoneNumber}`;
  const { rows: customers } = await sql<CustomerRow>`
    select id as "customerId", phone_number as "phoneNumber", created_at as "createdAtMs",
      verified_at as "verifiedAtMs", account_id as "accountId"
    from customers where ${isSought} order by created_at desc, id desc limit ${customersMax}`.execute(
    database,
  );
  if (customers.length === 0) return [];
  const { rows } = await sql<VerificationRow>`
    select verification.customer_id as "customerId", verification.id,
      case when verification.status = 'pending' and verification.expires_at <= clock_timestamp() then 'expired'
        else verification.status end as status,
      verification.phone_number as "phoneNumber", verification.created_at as "createdAtMs",
      verification.expires_at as "expiresAtMs", verification.ended_at as "endedAtMs",
      verification.sms_sent_at as "smsSentAtMs", verification.sms_error as "smsError",
      verification.wrong_attempts_at as "wrongAttemptsAtMs", verification.attempts_max as "attemptsMax",
      case job.state when 'created' then 'waiting' when 'active' then 'running' when 'retry' then 'retrying'
        when 'failed' then 'failed' when 'cancelled' then 'cancelled' end as "jobState"
    from unnest(${customers.map(({ customerId }) => customerId)}::uuid[]) as wanted (customer_id)
    cross join lateral (
      select * from verifications where verifications.customer_id = wanted.customer_id
      order by created_at desc, id desc limit ${verificationsMax}
    ) as verification
    left join pgboss.job job on job.name = 'send-code' and job.id = verification.id
    order by verification.created_at desc, verification.id desc`.execute(database);
  const byCustomer = Map.groupBy(rows, ({ customerId }) => customerId);
  return customers.map((customer) => ({
    ...customer,
    verifications: (byCustomer.get(customer.customerId) ?? []).map(
      ({ customerId: _customerId, ...rest }) => rest,
    ),
  }));
}
