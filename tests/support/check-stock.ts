import type { TestDatabase } from "./open-test-database.ts";

/** The events whose counters are not what their reservations add up to. An empty list is what must be. */
export function findWrongStock({ query }: Pick<TestDatabase, "query">) {
  return query<{ id: string; capacity: number; available: number; held: number; sold: number }>(`
    select id, capacity, available, held, sold, really_held, really_sold
    from events
    cross join lateral (
      select coalesce(sum(quantity) filter (where status = 'held'), 0)::int as really_held,
        coalesce(sum(quantity) filter (where status = 'confirmed'), 0)::int as really_sold
      from reservations where event_id = events.id
    ) as counted
    where held <> really_held or sold <> really_sold or available + held + sold <> capacity
      or available < 0 or held < 0 or sold < 0`);
}

/** @throws when any event's counters are not what its reservations add up to */
export async function requireRightStock(database: Pick<TestDatabase, "query">): Promise<void> {
  const wrongStock = await findWrongStock(database);
  if (wrongStock.length > 0) throw new Error(`The stock does not add up: ${JSON.stringify(wrongStock)}`);
}
