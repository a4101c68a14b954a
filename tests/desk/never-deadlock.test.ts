import { afterAll, beforeAll, expect, test } from "vitest";
import { recountStock } from "../../api/store/recount-stock.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { findWrongOrders } from "./find-wrong-orders.ts";
import { insertPricedEvent, openCartDesk } from "./open-cart-desk.ts";
import { sellAgainstEachOther } from "./sell-against-each-other.ts";

const workMs = 60_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** What the server has counted since the database was made. A connection's share arrives at its end at the latest. */
async function countDeadlocks(): Promise<number> {
  await waitFor("the desks' connections to end", async () => {
    const left = await database.query(
      "select 1 from pg_stat_activity where datname = current_database() and application_name like 'holdfast%'",
    );
    return left.length === 0;
  });
  const [row] = await database.query<{ deadlocks: number }>(
    "select deadlocks::int from pg_stat_database where datname = current_database()",
  );
  return row?.deadlocks ?? -1;
}

test(
  "a minute of everything against everything ends without a deadlock, and the books are right",
  { timeout: workMs + 60_000 },
  async () => {
    // Small batches, so that commands meet in the database and not in one transaction.
    const limits = { batchMax: 4 };
    const desks = [await openCartDesk(database, limits), await openCartDesk(database, limits)];
    const terms = { capacity: 10, holdSeconds: 1, maxExtensions: 3 };
    const eventIds = await Promise.all([1, 2, 3].map(() => insertPricedEvent(database, terms)));
    const counted = new Map<string, number>();
    const count = (outcome: string) => counted.set(outcome, (counted.get(outcome) ?? 0) + 1);
    await sellAgainstEachOther({ desks, eventIds, signal: AbortSignal.timeout(workMs), count });
    const troubles = desks.flatMap((desk) => desk.troubles);
    await Promise.all(desks.map((desk) => desk.close()));

    expect(await countDeadlocks()).toBe(0);
    expect(troubles).toEqual([]);
    expect(await recountStock(database.connectionString)).toMatchObject({
      events: 3,
      oversoldTickets: 0,
      mismatches: [],
    });
    expect(await findWrongOrders(database)).toEqual([]);
    // Everything that can happen did, or the minute proves nothing.
    expect([...counted.keys()]).toEqual(
      expect.arrayContaining([
        "cart_saved",
        "cart_expired",
        "cart_empty",
        "cart_ordered",
        "checkout_in_progress",
        "duplicate_reservation",
        "all_held",
        "order_begun",
        "order paid",
        "order declined",
        "order cancelled",
        "order refunded",
        "held",
        "confirmed",
        "cancelled",
        "event_changed",
      ]),
    );
  },
);
