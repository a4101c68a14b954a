import type pg from "pg";

/** An order whose tickets or whose jobs are not what they must be. */
export interface OrderMismatch {
  readonly orderId: string;
  readonly status: string;
  /** Items of a paid order that are no confirmed reservation of its user and cart with that many tickets. */
  readonly unsold: number;
  /** Whether it is paid, and its cart names another order: a cart is sold once. */
  readonly isBesideItsCart: boolean;
  /** Whether its payment is under way and no job would ever settle it. */
  readonly isForgotten: boolean;
  /** Whether its money is on the way back and no job would ever send it. */
  readonly isUnreturned: boolean;
}

/** What a recount of the orders found. */
export interface OrderRecount {
  readonly orders: number;
  readonly orderMismatchCount: number;
  /** The first of them. */
  readonly orderMismatches: readonly OrderMismatch[];
}

const pageSize = 2_000;

interface PageRow {
  readonly lastId: string | null;
  readonly orders: number;
  readonly wrong: number;
  readonly mismatches: readonly OrderMismatch[];
}

// An order, its reservations and its jobs change in one transaction, and one statement sees one moment: sales that go on
// meanwhile are no mismatch. Each lookup has a limit of one or is of a value, so that the planner can only go through
// the keys, however many reservations there are.
const recountPage = `
  with page as materialized (
    select id, cart_id, user_id, status, payment_status, items from orders where id > $1 order by id limit $2
  ), judged as (
    select page.id as "orderId", status,
      case when status = 'paid' then (
        select count(*) from jsonb_to_recordset(items) as item (event_id uuid, reservation_id uuid, quantity int)
        left join lateral (
          select status, user_id, cart_id, quantity from reservations
          where event_id = item.event_id and id = item.reservation_id limit 1
        ) as found on true
        where (found.status = 'confirmed' and found.user_id = page.user_id and found.cart_id = page.cart_id
          and found.quantity = item.quantity) is not true
      ) else 0 end::int as unsold,
      status = 'paid' and (select order_id from carts where id = page.cart_id) is distinct from page.id
        as "isBesideItsCart",
      status = 'pending' and (
        select true from pgboss.job where name = 'settle-payment' and id = page.id limit 1
      ) is null as "isForgotten",
      payment_status = 'refunding' and (
        select true from pgboss.job where name = 'refund-payment' and id = page.id limit 1
      ) is null as "isUnreturned"
    from page
  ), wrong as (
    select * from judged where unsold > 0 or "isBesideItsCart" or "isForgotten" or "isUnreturned"
  )
  select (select id from page order by id desc limit 1) as "lastId", (select count(*) from page)::int as orders,
    (select count(*) from wrong)::int as wrong,
    (select coalesce(json_agg(first), '[]')
      from (select * from wrong order by "orderId" limit $3) as first) as mismatches`;

/** Compares all orders with what was sold for them, and with the jobs that are to bring them to their end. */
export async function recountOrders(client: pg.Client, mismatchesMax: number): Promise<OrderRecount> {
  let [orders, orderMismatchCount] = [0, 0];
  const orderMismatches: OrderMismatch[] = [];
  for await (const page of readPages(client, () => mismatchesMax - orderMismatches.length)) {
    orders += page.orders;
    orderMismatchCount += page.wrong;
    orderMismatches.push(...page.mismatches);
  }
  return { orders, orderMismatchCount, orderMismatches };
}

/** @param listedMax asked before each page how many wrong orders it may list; all are counted */
async function* readPages(client: pg.Client, listedMax: () => number): AsyncGenerator<PageRow> {
  let after: string | null = "00000000-0000-0000-0000-000000000000";
  while (after !== null) {
    const result: pg.QueryResult<PageRow> = await client.query<PageRow>({
      name: "recount-orders",
      text: recountPage,
      values: [after, pageSize, listedMax()],
    });
    yield* result.rows;
    after = result.rows[0]?.lastId ?? null;
  }
}

/** What is wrong with an order, in one line for people. */
export function describeOrderMismatch(mismatch: OrderMismatch): string {
  const { orderId, status, unsold, isBesideItsCart, isForgotten, isUnreturned } = mismatch;
  const faults: string[] = [];
  if (unsold > 0)
    faults.push(
      `${unsold} ${unsold === 1 ? "item is" : "items are"} paid and not sold to its user as ordered`,
    );
  if (isBesideItsCart) faults.push("its cart names another order, and a cart is sold once");
  if (isForgotten) faults.push("no job is there to settle its payment");
  if (isUnreturned) faults.push("no job is there to return its money");
  return `Order ${orderId} (${status}): ${faults.join(", ")}`;
}
