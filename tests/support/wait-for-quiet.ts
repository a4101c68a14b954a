import type { TestDatabase } from "./open-test-database.ts";
import { waitFor } from "./wait-for.ts";

/** Waits until nothing is left of what the service does by itself: no hold to sweep, and no money on its way back. */
export async function waitForQuiet({ query }: Pick<TestDatabase, "query">): Promise<void> {
  await waitFor("the service to be quiet", async () => {
    const left = await query(
      `select 1 from reservations where status = 'held' and expires_at <= clock_timestamp()
       union all select 1 from orders where payment_status = 'refunding'`,
    );
    return left.length === 0;
  });
}
