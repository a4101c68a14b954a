import type { TestDatabase } from "./open-test-database.ts";

/** Makes what is to be tried again due at once: the pauses between the tries of a job grow to a minute. */
export async function hurryRetries(database: Pick<TestDatabase, "query">): Promise<void> {
  await database.query(
    "update pgboss.job set start_after = now() where state = 'retry' and start_after > now()",
  );
}
