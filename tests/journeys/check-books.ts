import { findWrongStock } from "../support/check-stock.ts";
import type { TestDatabase } from "../support/open-test-database.ts";
import type { Journey } from "./take-journey.ts";

/** What the books say that must not be. Each list is empty when all is well. */
export async function findWrongs({ query }: TestDatabase, journeys: readonly Journey[]) {
  const wrongMoney = await query(`
    with charges as (
      select key, amount_cents, refunded_cents,
        case when status = 'processing' and succeeds_at <= clock_timestamp() then 'succeeded' else status end as status
      from demo_payments
    )
    select orders.id, orders.status, orders.total_cents, charges.status as charge, charges.refunded_cents
    from orders left join charges on charges.key = orders.id::text
    where case orders.status
      when 'paid' then charges.status is distinct from 'succeeded' or charges.amount_cents <> orders.total_cents
        or charges.refunded_cents <> 0
      when 'refunded' then charges.status is distinct from 'succeeded' or charges.amount_cents <> orders.total_cents
        or charges.refunded_cents <> orders.total_cents
      when 'declined' then charges.status is distinct from 'declined'
      when 'cancelled' then charges.status is distinct from 'never_charged'
      else true
    end`);
  const chargedForNothing = await query(`
    select key, status from demo_payments where not exists (select from orders where orders.id::text = key)`);
  const wrongTickets = await query(`
    select orders.id, orders.status, item->>'reservation_id' as reservation_id, reservations.status as reservation
    from orders cross join lateral jsonb_array_elements(items) as item
    left join reservations on reservations.event_id = (item->>'event_id')::uuid
      and reservations.id = (item->>'reservation_id')::uuid
    where (orders.status = 'paid') <> (coalesce(reservations.status, '') = 'confirmed'
      and reservations.quantity = (item->>'quantity')::int and reservations.user_id = orders.user_id)
      -- A cart whose order was declined can be bought with the next one, by the same holds.
      and not exists (select from orders as later where later.cart_id = orders.cart_id and later.status = 'paid'
        and later.id <> orders.id)`);
  const soldToNobody = await query(`
    select id, cart_id from reservations where status = 'confirmed'
      and not exists (select from orders where orders.cart_id = reservations.cart_id and orders.status = 'paid')`);
  return {
    wrongMoney,
    chargedForNothing,
    wrongTickets,
    soldToNobody,
    wrongStock: await findWrongStock({ query }),
    untrueAnswers: await findUntrue({ query }, journeys),
  };
}

/** The buyers who were told something that the books do not say. */
async function findUntrue({ query }: Pick<TestDatabase, "query">, journeys: readonly Journey[]) {
  const orders = await query<{ id: string; status: string; user_id: string }>(
    "select id, status, user_id from orders",
  );
  const byId = new Map(orders.map((order) => [order.id, order]));
  return journeys
    .filter(({ order, userId }) => {
      if (order === null) return false;
      const kept = byId.get(order.id);
      return kept?.status !== order.status || kept.user_id !== userId;
    })
    .map(({ order }) => order);
}
