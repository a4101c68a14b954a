import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { type KillableSale, openKillableSale } from "../support/kill-points/killable-sale.ts";
import type { KillPoint } from "../support/kill-points/kill-point-proxy.ts";
import { sortByTables } from "../support/kill-points/sort-statements.ts";
import { type SweptCase, sweepKillPoints } from "../support/kill-points/sweep-kill-points.ts";
import { type MailServer, startMailServer } from "../support/start-mail-server.ts";

// A cart is checked out, paid and its receipt sent. The worker is killed wherever something of that has just been written
// to disk, or is about to be.

const priceCents = 2_500;

let mail: MailServer;
let sale: KillableSale;
let eventId: string;

beforeAll(async () => {
  mail = await startMailServer();
  sale = await openKillableSale("worker", { SMTP_URL: mail.url });
  const body = { name: "Swept", capacity: 1_000, price_cents: priceCents, currency: "EUR" };
  eventId = String((await sale.send("post", "/v1/events", { as: sale.sale.adminKey, body })).body["id"]);
}, 60_000);
afterAll(async () => {
  await mail?.close();
  if (sale !== undefined) await requireRightStock(sale.database).finally(() => sale.close());
});

const orderCase: SweptCase = {
  sort: sortByTables(["orders", "carts", "reservations", "demo_payments", "idempotency_records"]),
  prepare: async () => {
    const { id: cartId } = await sale.calls.open([eventId], { userId: randomUUID() });
    const idempotencyKey = randomUUID();
    const play = async () => {
      const bought = await sale.persist(() => sale.calls.checkOut(cartId, { idempotencyKey }));
      expect(bought.status).toBeLessThan(300);
      await sale.until("the receipt, and the end of its job", async () => {
        const [row] = await sale.database.query(
          `select 1 from orders where cart_id = $1 and status = 'paid' and receipt_sent_at is not null
             and not exists (select 1 from pgboss.job where id = orders.id)`,
          [cartId],
        );
        return row !== undefined;
      });
    };
    return { play, check: () => expectSoldOnce(cartId) };
  },
};

async function expectSoldOnce(cartId: string): Promise<void> {
  const { query } = sale.database;
  const orders = await query<{ id: string }>("select id, payment_status from orders where cart_id = $1", [
    cartId,
  ]);
  expect(orders).toEqual([{ id: expect.any(String), payment_status: "succeeded" }]);
  const id = orders[0]?.id ?? "";
  const payments = "select amount_cents::int, refunded_cents::int from demo_payments where key = $1";
  expect(await query(payments, [id])).toEqual([{ amount_cents: priceCents, refunded_cents: 0 }]);
  const strange = "select 1 from demo_payments where key not in (select id::text from orders)";
  expect(await query(strange)).toEqual([]);
  const sold = await query("select status, quantity from reservations where cart_id = $1", [cartId]);
  expect(sold).toEqual([{ status: "confirmed", quantity: 1 }]);
  const messages = mail.taken.filter(({ source }) => source.includes(id));
  expect(messages.length).toBeGreaterThan(0);
  for (const { source } of messages) expect(source).toContain(`<${id}.paid@holdfast>`);
}

/** Inside a transaction nothing is on disk yet, so its end stands for it. */
const isAtDisk = ({ side, statement }: KillPoint) => side === "after" || statement.includes("commit");

test(
  "whenever the worker is killed, an order is charged once and told of",
  { timeout: 600_000 },
  async () => {
    const report = await sweepKillPoints(orderCase, sale.proxy, sale, isAtDisk);
    expect(report).toMatchObject({ failures: [], missed: [] });
    expect(report.survived).toEqual(
      expect.arrayContaining([
        "after insert into demo_payments, alone",
        "after take jobs",
        "after update orders, alone",
        "after delete from pgboss.job_common, alone",
      ]),
    );
  },
);
