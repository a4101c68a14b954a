import type { TestDatabase } from "./open-test-database.ts";
import { waitFor } from "./wait-for.ts";

/** Locks an event's row as another transaction would. @returns what ends that transaction */
export async function lockEvent(database: TestDatabase, eventId: string): Promise<() => Promise<void>> {
  const client = await database.connect();
  await client.query("begin");
  await client.query("select 1 from events where id = $1 for update", [eventId]);
  return async () => {
    await client.query("rollback");
  };
}

/** Waits until a desk's statement waits for a lock that somebody else has. @returns which connections of desks do */
export async function waitUntilBlocked({ query }: Pick<TestDatabase, "query">): Promise<string[]> {
  return waitFor("a desk to wait for a lock", async () => {
    const blocked = await query(
      `select application_name as name from pg_stat_activity where datname = current_database()
         and wait_event_type = 'Lock' and application_name like 'holdfast desk%' order by name`,
    );
    return blocked.length > 0 && blocked.map(({ name }) => String(name));
  });
}
