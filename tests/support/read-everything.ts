import type { TestDatabase } from "./open-test-database.ts";

const tables = [
  "events",
  "reservations",
  "carts",
  "orders",
  "customers",
  "verifications",
  "demo_payments",
  "idempotency_records",
  "event_audits",
  "api_keys",
];

/**
 * Every row of every table as one text, to tell whether anything changed. When a receipt or a code was sent is
 * left out: that is the end of something earlier, which comes when it comes.
 */
export async function readEverything({ query }: Pick<TestDatabase, "query">): Promise<string> {
  const asJson = "to_jsonb(t) - 'receipt_sent_at' - 'sms_sent_at'";
  const parts = tables.map((table) => `(select jsonb_agg(${asJson} order by ${asJson}) from ${table} t)`);
  const [row] = await query<{ everything: string }>(
    `select jsonb_build_array(${parts.join(", ")})::text as everything`,
  );
  if (row === undefined) throw new Error("The database gave no rows.");
  return row.everything;
}
