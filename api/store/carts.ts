import { type Selectable, sql } from "kysely";
import type { Cart } from "../domain/cart.ts";
import { instantArray, plainArray, textArray } from "./array-literals.ts";
import { readItems, writeItems } from "./cart-items.ts";
import type { Database } from "./open-database.ts";
import { reservationColumns, type ReservationRow } from "./reservations.ts";
import type { Schema } from "./schema.ts";
import type { Statement } from "./statement.ts";

export type CartRow = Selectable<Schema["carts"]>;

const columns = [
  "id",
  "user_id",
  "items",
  "expires_at",
  "extensions",
  "order_id",
  "created_at",
] as const satisfies readonly (keyof CartRow)[];

/** A cart that is to have a row, so that it can be locked. */
interface CartClaim {
  readonly id: string;
  readonly userId: string;
  /** The event of the item that is to be put in it. */
  readonly eventId: string;
}

/**
 * Gives carts that have none an empty row, in id order as every write path does, and tells which. Where another
 * transaction is just doing the same, it waits for that transaction's end.
 *
 * @param skipLocked leaves out the carts whose item is of an event that another transaction has locked: their turn comes
 *   with the event's, and whoever has the event may be the one who is making the cart
 */
export function claimCarts(claims: readonly CartClaim[], skipLocked: boolean): Statement<{ id: string }> {
  const free = "select id from events where id = any($3::uuid[]) order by id for no key update skip locked";
  return {
    name: skipLocked ? "claim-carts-of-free-events" : "claim-carts",
    text: `${skipLocked ? `with free as materialized (${free}) ` : ""}insert into carts (id, user_id, items, created_at)
      select distinct on (id) id, user_id, '[]', date_trunc('milliseconds', clock_timestamp())
      from unnest($1::uuid[], $2::text[], $3::uuid[]) with ordinality as new (id, user_id, event_id, place)
      ${skipLocked ? "where event_id in (select id from free)" : ""}
      order by id, place
      on conflict do nothing returning id`,
    values: [
      plainArray(claims.map((claim) => claim.id)),
      textArray(claims.map((claim) => claim.userId)),
      plainArray(claims.map((claim) => claim.eventId)),
    ],
  };
}

/**
 * Locks the rows of carts, in id order, after the events.
 *
 * @param skipLocked leaves out, instead of waiting for, the rows that another transaction has locked
 */
export function lockCarts(cartIds: readonly string[], skipLocked: boolean): Statement<CartRow> {
  return {
    name: skipLocked ? "lock-free-carts" : "lock-carts",
    text: `select ${columns.join(", ")} from carts where id = any($1::uuid[]) order by id
      for update${skipLocked ? " skip locked" : ""}`,
    values: [plainArray(cartIds)],
  };
}

/** Tells which of these carts exist, locked or not. */
export function selectExistingCarts(cartIds: readonly string[]): Statement<{ id: string }> {
  return {
    name: "select-existing-carts",
    text: "select id from carts where id = any($1::uuid[])",
    values: [plainArray(cartIds)],
  };
}

const itemsOf = "jsonb_to_recordset(carts.items) as item (event_id uuid, reservation_id uuid)";

/**
 * The reservations of everything in these carts, and the ones that the carts' users have instead of what they lost.
 */
export function selectCartReservations(cartIds: readonly string[]): Statement<ReservationRow> {
  const list = reservationColumns.join(", ");
  return {
    name: "select-cart-reservations",
    text: `select found.* from carts cross join lateral ${itemsOf}
      cross join lateral (
        (select ${list} from reservations
          where event_id = item.event_id and id = item.reservation_id limit 1)
        union all
        (select ${list} from reservations
          where event_id = item.event_id and user_id = carts.user_id and status in ('held', 'confirmed')
            and id <> item.reservation_id limit 1)
      ) as found
      where carts.id = any($1::uuid[])`,
    values: [plainArray(cartIds)],
  };
}

/** How often the events of everything in these carts let a hold be extended. */
export function selectItemLimits(
  cartIds: readonly string[],
): Statement<{ id: string; max_extensions: number }> {
  return {
    name: "select-item-limits",
    text: `select found.* from carts cross join lateral ${itemsOf}
      cross join lateral (select id, max_extensions from events where id = item.event_id limit 1) as found
      where carts.id = any($1::uuid[])`,
    values: [plainArray(cartIds)],
  };
}

/** Writes what may change about locked carts. The user of one that was empty so far may change too. */
export function updateCarts(carts: readonly Cart[]): Statement {
  return {
    name: "update-carts",
    text: `update carts set user_id = new.user_id, items = new.items, expires_at = new.expires_at,
        extensions = new.extensions, order_id = new.order_id
      from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::int[], $6::uuid[])
        as new (id, user_id, items, expires_at, extensions, order_id)
      where carts.id = new.id`,
    values: [
      plainArray(carts.map((cart) => cart.id)),
      textArray(carts.map((cart) => cart.userId)),
      textArray(carts.map((cart) => writeItems(cart.items))),
      instantArray(carts.map((cart) => cart.expiresAtMs)),
      plainArray(carts.map((cart) => cart.extensions)),
      textArray(carts.map((cart) => cart.orderId)),
    ],
  };
}

/** Takes back the rows of carts that this transaction made and that stayed empty. */
export function deleteCarts(cartIds: readonly string[]): Statement {
  return {
    name: "delete-carts",
    text: "delete from carts where id = any($1::uuid[])",
    values: [plainArray(cartIds)],
  };
}

/** Reads carts without locking them. @returns those that exist, by their ids */
export async function selectCarts(
  database: Database,
  cartIds: readonly string[],
): Promise<Map<string, Cart>> {
  const rows = await database
    .selectFrom("carts")
    .select(columns)
    .where("id", "=", sql<string>`any(${plainArray(cartIds)}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, cartFromRow(row)]));
}

/** A row of the table in the terms of the domain. */
export function cartFromRow(row: CartRow): Cart {
  return {
    id: row.id,
    userId: row.user_id,
    items: readItems(row.items),
    expiresAtMs: row.expires_at,
    extensions: row.extensions,
    orderId: row.order_id,
    createdAtMs: row.created_at,
  };
}
