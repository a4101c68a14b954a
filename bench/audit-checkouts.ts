import type pg from "pg";
import { type AuditResult, judgeViolations, readStockViolations } from "./audit-arm.ts";
import { cartIdOf, type LoadPlan, type LoadResult } from "./load/load-plan.ts";
import { idLength } from "./load/received-holds.ts";
import { itemsPerCart } from "./load/cart-requests.ts";

/** Compares what buyers were told with the orders, the payment provider's books and the stock, in one snapshot. */
export async function auditCheckouts(
  client: pg.Client,
  plan: LoadPlan,
  { received, failures }: Pick<LoadResult, "received" | "failures">,
): Promise<AuditResult> {
  await client.query("begin isolation level repeatable read, read only");
  try {
    const stock = await readStockViolations(client);
    const told = await compareOrders(client, plan, received);
    const books = await readBooks(client);
    const violations = {
      ...stock,
      /** 201s without a paid order of that id and cart. */
      lostOrders: received.count - told,
      /** Paid orders that nobody was told of. Not judged when a connection broke. */
      untoldOrders: failures > 0 ? 0 : books.paid - received.count,
      /** Orders that are still pending although every request was answered. */
      pendingOrders: failures > 0 ? 0 : books.pending,
      chargesWithoutOrder: Math.max(books.charges - books.paid, 0),
      ordersWithoutCharge: Math.max(books.paid - books.charges, 0),
      /** Tickets that were sold beside the paid ones, or the other way round. */
      soldBeside: Math.abs(books.sold - books.paid * itemsPerCart),
      /** Cents that were charged beside the totals of the paid orders. */
      centsBeside: Math.abs(Number(books.chargedCents) - Number(books.paidCents)),
    };
    return judgeViolations(violations, received.count);
  } finally {
    await client.query("rollback");
  }
}

/** @returns how many of the 201s are paid orders of their carts */
async function compareOrders(
  client: pg.Client,
  plan: LoadPlan,
  received: LoadResult["received"],
): Promise<number> {
  const ids = Buffer.from(received.ids.buffer, received.ids.byteOffset, received.ids.byteLength);
  const rows = Array.from({ length: received.count }, (_, row) => row);
  const { rows: found } = await client.query<{ paid: number }>(
    `select count(distinct orders.id)::int as paid
      from unnest($1::uuid[], $2::uuid[]) as told (id, cart_id)
      join orders on orders.id = told.id and orders.cart_id = told.cart_id and orders.status = 'paid'`,
    [
      rows.map((row) => ids.toString("latin1", row * idLength, (row + 1) * idLength)),
      rows.map((row) => cartIdOf(plan.userTag, received.userNumbers[row] ?? 0)),
    ],
  );
  return found[0]?.paid ?? 0;
}

interface Books {
  readonly paid: number;
  readonly pending: number;
  readonly charges: number;
  readonly sold: number;
  readonly paidCents: string;
  readonly chargedCents: string;
}

async function readBooks(client: pg.Client): Promise<Books> {
  const { rows } = await client.query<Books>(
    `select
        (select count(*)::int from orders where status = 'paid') as paid,
        (select count(*)::int from orders where status = 'pending') as pending,
        (select coalesce(sum(total_cents), 0) from orders where status = 'paid') as "paidCents",
        (select count(*)::int from demo_payments where status = 'succeeded') as charges,
        (select coalesce(sum(amount_cents), 0) from demo_payments where status = 'succeeded') as "chargedCents",
        (select coalesce(sum(sold), 0)::int from events) as sold`,
  );
  return rows[0] ?? { paid: 0, pending: 0, charges: 0, sold: 0, paidCents: "0", chargedCents: "-1" };
}
