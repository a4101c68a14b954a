import type { TestDatabase } from "./open-test-database.ts";

/** Moves a hold into the past by so much that its deadline passed a moment ago, instead of waiting for it. */
export async function makeOverdue(
  { query }: Pick<TestDatabase, "query">,
  reservationId: string,
): Promise<void> {
  const moved = await query(
    `update reservations set expires_at = clock_timestamp() - interval '1 millisecond',
       created_at = created_at - (expires_at - clock_timestamp())
     where id = $1 and status = 'held' returning id`,
    [reservationId],
  );
  if (moved.length !== 1) throw new Error(`There is no hold ${reservationId} to move.`);
}

/** The same for a whole cart: its own deadline and those of all its holds. */
export async function makeCartOverdue({ query }: Pick<TestDatabase, "query">, cartId: string): Promise<void> {
  const moved = await query(
    `with moved as (
       update reservations set expires_at = clock_timestamp() - interval '1 millisecond',
         created_at = created_at - (expires_at - clock_timestamp())
       where cart_id = $1 and status = 'held'
     )
     update carts set expires_at = clock_timestamp() - interval '1 millisecond' where id = $1 returning id`,
    [cartId],
  );
  if (moved.length !== 1) throw new Error(`There is no cart ${cartId} to move.`);
}
