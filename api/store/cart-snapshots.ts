import { sql } from "kysely";
import type { Cart } from "../domain/cart.ts";
import type { OrderStatus } from "../domain/order.ts";
import type { Reservation } from "../domain/reservation.ts";
import { cartFromRow, type CartRow } from "./carts.ts";
import type { Database } from "./open-database.ts";
import { reservationColumns, reservationFromRow, type ReservationRow } from "./reservations.ts";

/** A cart with all that tells how it stands, as of one moment. */
export interface CartSnapshot {
  readonly cart: Cart;
  /** Those of its items, by their ids. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Of its last order; null when it has none. */
  readonly orderStatus: OrderStatus | null;
  /** How often the event of each item lets a hold be extended, by the events' ids. */
  readonly maxExtensions: ReadonlyMap<string, number>;
  /** Database time. */
  readonly nowMs: number;
}

/** One row for each item, or a single one without item; the cart is the same in all. */
interface SnapshotRow extends ReservationRow {
  readonly cart_user_id: string;
  readonly items: unknown;
  readonly cart_expires_at: number | null;
  readonly extensions: number;
  readonly order_id: string | null;
  readonly cart_created_at: number;
  readonly order_status: OrderStatus | null;
  readonly item_event_id: string | null;
  readonly max_extensions: number | null;
  readonly now: number;
}

/** Reads a cart and what belongs to it, without locking anything. @returns null when there is none */
export async function selectCartSnapshot(database: Database, cartId: string): Promise<CartSnapshot | null> {
  // One statement sees one moment: an item never comes without the hold that was made with it.
  const { rows } = await sql<SnapshotRow>`
    select carts.user_id as cart_user_id, carts.items, carts.expires_at as cart_expires_at, extensions, order_id,
      carts.created_at as cart_created_at, orders.status as order_status, limits.id as item_event_id,
      limits.max_extensions, date_trunc('milliseconds', clock_timestamp()) as now, found.*
    from carts left join orders on orders.id = carts.order_id
    left join lateral jsonb_to_recordset(carts.items) as item (event_id uuid, reservation_id uuid) on true
    left join lateral (select id, max_extensions from events where id = item.event_id limit 1) as limits on true
    left join lateral (
      select ${sql.raw(reservationColumns.join(", "))} from reservations
      where event_id = item.event_id and id = item.reservation_id limit 1
    ) as found on true
    where carts.id = ${cartId}`.execute(database);
  const first = rows[0];
  if (first === undefined) return null;
  const reservations = new Map<string, Reservation>();
  const maxExtensions = new Map<string, number>();
  for (const row of rows) {
    if (isWithReservation(row)) reservations.set(row.id, reservationFromRow(row));
    if (row.item_event_id !== null) maxExtensions.set(row.item_event_id, row.max_extensions ?? 0);
  }
  const cart = cartFromRow(cartRowOf(cartId, first));
  return { cart, reservations, orderStatus: first.order_status, maxExtensions, nowMs: first.now };
}

function cartRowOf(cartId: string, row: SnapshotRow): CartRow {
  return {
    id: cartId,
    user_id: row.cart_user_id,
    items: row.items,
    expires_at: row.cart_expires_at,
    extensions: row.extensions,
    order_id: row.order_id,
    created_at: row.cart_created_at,
  };
}

/** An item whose reservation is missing comes with nulls in place of it. */
function isWithReservation(row: SnapshotRow): boolean {
  const id: string | null = row.id;
  return id !== null;
}
