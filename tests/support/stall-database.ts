import type { TestDatabase } from "./open-test-database.ts";
import { waitFor } from "./wait-for.ts";

/**
 * Keeps processes waiting for the database at a chosen statement, so that they can be killed just there.
 *
 * @param bringOn makes the statement come soon; called again and again until it does
 */
export function stallDatabase(
  database: TestDatabase,
  limitMs: number,
  bringOn: () => Promise<void> = async () => {},
) {
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return {
    /** Runs a statement in a transaction that stays open. @returns what ends it */
    hold: async (text: string, values?: unknown[]): Promise<() => Promise<void>> => {
      const client = await database.connect();
      await client.query("begin");
      await client.query(text, values);
      return async () => void (await client.query("rollback"));
    },
    /** Waits until a statement like this waits for somebody's lock. */
    untilBlocked: (pattern: string) =>
      waitFor(
        `a statement like ${pattern} to wait`,
        async () => {
          await bringOn();
          return (await database.query(`${waiting} and query ilike $1`, [pattern])).length > 0;
        },
        limitMs,
      ),
    /** Waits until nothing waits for a lock any more: the database has given up what a killed process had sent. */
    untilGivenUp: () =>
      waitFor(
        "the database to give up what was sent",
        async () => (await database.query(waiting)).length === 0,
        limitMs,
      ),
  };
}
