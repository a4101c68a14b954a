import { recountStock } from "../../api/store/recount-stock.ts";
import type { TestDatabase } from "../support/open-test-database.ts";

/**
 * What is wrong between orders, carts, reservations and jobs: what the audit finds, and what is too fleeting or too
 * harmless for the audit and still must not be once everything rests.
 */
export async function findWrongOrders({
  query,
  connectionString,
}: Pick<TestDatabase, "query" | "connectionString">): Promise<unknown[]> {
  const { mismatches, orderMismatches } = await recountStock(connectionString);
  const others = await query(`
    select 'two deadlines' as wrong, cart_id as id from reservations
      where cart_id is not null and status = 'held' group by cart_id having count(distinct expires_at) > 1
    union all
    select 'settled with a job', orders.id from orders
      where status <> 'pending' and exists (
        select from pgboss.job where name = 'settle-payment' and job.id = orders.id)
    union all
    select 'an empty cart without a past', carts.id from carts
      where items = '[]' and order_id is null and not exists (select from reservations where cart_id = carts.id)`);
  return [...mismatches, ...orderMismatches, ...others];
}
