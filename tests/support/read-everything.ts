import type { TestDatabase } from "./open-test-database.ts";

const tables = ["events", "reservations", "idempotency_records", "event_audits", "api_keys"];

/** Every row of every table as one text, to tell whether anything changed. */
export async function readEverything({ query }: Pick<TestDatabase, "query">): Promise<string> {
  const parts = tables.map((table) => `(select jsonb_agg(to_jsonb(t) order by to_jsonb(t)) from ${table} t)`);
  const [row] = await query<{ everything: string }>(
    `select jsonb_build_array(${parts.join(", ")})::text as everything`,
  );
  if (row === undefined) throw new Error("The database gave no rows.");
  return row.everything;
}
