import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** The state of a job that its queue still has. */
export type KeptJobState = "waiting" | "running" | "retrying" | "failed" | "cancelled";

/** A restock order with every step that it took. */
export interface RestockHistory {
  readonly id: string;
  readonly status: "open" | "placed" | "delivered" | "given_up" | "cancelled";
  readonly quantity: number;
  readonly supplierUrl: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly supplierReference: string | null;
  readonly createdAtMs: number;
  readonly placedAtMs: number | null;
  readonly deliveredAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly jobState: KeptJobState | null;
}

/** An event's rule for restocking, and where it stands. */
export interface RestockStanding {
  readonly id: string;
  readonly name: string;
  readonly rule: {
    readonly threshold: number;
    readonly quantity: number;
    readonly supplier_url: string;
  } | null;
  readonly isHeldBack: boolean;
  readonly openOrderId: string | null;
}

/** An event's restock orders, newest first; null when there is no such event. */
export async function selectRestockHistory(
  database: Database,
  eventId: string,
  ordersMax: number,
): Promise<{ readonly event: RestockStanding; readonly orders: readonly RestockHistory[] } | null> {
  const { rows: events } = await sql<RestockStanding>`
    select id, name, restock as rule, restock_held_back as "isHeldBack", restock_order_id as "openOrderId"
    from events where id = ${eventId}`.execute(database);
  const event = events[0];
  if (event === undefined) return null;
  const { rows: orders } = await sql<RestockHistory>`
    select orders.id, orders.status, orders.quantity, orders.supplier_url as "supplierUrl", orders.attempts,
      orders.last_error as "lastError", orders.supplier_reference as "supplierReference",
      orders.created_at as "createdAtMs", orders.placed_at as "placedAtMs",
      orders.delivered_at as "deliveredAtMs", orders.closed_at as "closedAtMs",
      case job.state when 'created' then 'waiting' when 'active' then 'running' when 'retry' then 'retrying'
        when 'failed' then 'failed' when 'cancelled' then 'cancelled' end as "jobState"
    from (
      select * from restock_orders where event_id = ${eventId} order by created_at desc, id desc limit ${ordersMax}
    ) as orders
    left join pgboss.job job on job.name = 'place-restock-order' and job.id = orders.id
    order by orders.created_at desc, orders.id desc`.execute(database);
  return { event, orders };
}
