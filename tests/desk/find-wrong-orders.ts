import type { TestDatabase } from "../support/open-test-database.ts";

/** What is wrong between orders and reservations, told by rules that do not share a line with the service's own. */
export async function findWrongOrders({ query }: Pick<TestDatabase, "query">): Promise<unknown[]> {
  return query(`
    with item as (
      select orders.id as order_id, orders.status, orders.cart_id, found.*
      from orders cross join lateral
        jsonb_to_recordset(items) as found (event_id uuid, reservation_id uuid, quantity int)
    )
    select 'not sold' as wrong, item.order_id as id from item
      left join reservations on reservations.event_id = item.event_id and id = reservation_id
        and reservations.status = 'confirmed' and reservations.quantity = item.quantity
        and reservations.cart_id = item.cart_id
      where item.status = 'paid' and id is null
    union all
    select 'sold without an order', id from reservations
      where cart_id is not null and status = 'confirmed'
        and not exists (select from item where reservation_id = reservations.id and item.status = 'paid')
    union all
    select 'held without a cart', id from reservations
      where cart_id is not null and status = 'held' and not exists (
        select from carts cross join lateral jsonb_to_recordset(items) as found (reservation_id uuid)
        where carts.id = cart_id and reservation_id = reservations.id)
    union all
    select 'two deadlines', cart_id from reservations
      where cart_id is not null and status = 'held' group by cart_id having count(distinct expires_at) > 1
    union all
    select 'pending without a job', orders.id from orders
      where status = 'pending' and not exists (
        select from pgboss.job where name = 'settle-payment' and job.id = orders.id)
    union all
    select 'settled with a job', orders.id from orders
      where status <> 'pending' and exists (
        select from pgboss.job where name = 'settle-payment' and job.id = orders.id)
    union all
    select 'refunded without a job', orders.id from orders
      where payment_status = 'refunding' and not exists (
        select from pgboss.job where name = 'refund-payment' and job.id = orders.id)
    union all
    select 'an empty cart without a past', carts.id from carts
      where items = '[]' and order_id is null and not exists (select from reservations where cart_id = carts.id)`);
}
