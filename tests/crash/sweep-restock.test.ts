import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { type KillableSale, openKillableSale } from "../support/kill-points/killable-sale.ts";
import { sortByTables } from "../support/kill-points/sort-statements.ts";
import { type SweptCase, sweepKillPoints } from "../support/kill-points/sweep-kill-points.ts";

// The last tickets of an event are sold, which opens a restock order. The worker is killed at each statement from the
// sale to the delivery, and however that goes, the supplier is asked for one delivery, and it arrives once.

const capacity = 1_000;
const soldBefore = 998;
const perHold = 20;

/** Without these, the sweep would not be about restocking any more. */
const mustCome = [
  "before insert into restock_orders",
  "before insert into pgboss.job_common",
  "before the commit of lock events",
  "after the commit of lock events",
  "after take jobs",
  "before insert into demo_supplier_orders, alone",
  "after insert into demo_supplier_orders, alone",
  "before the commit of lock events (3.)",
  "after the commit of lock events (3.)",
  "before delete from pgboss.job_common, alone",
];

const sort = sortByTables([
  "events",
  "reservations",
  "idempotency_records",
  "restock_orders",
  "demo_supplier_orders",
  "event_audits",
]);

/** Sells so many tickets of an event. */
async function sell(sale: KillableSale, eventId: string, quantity: number): Promise<void> {
  const as = sale.sale.adminKey;
  const body = { user_id: randomUUID(), quantity };
  const idempotencyKey = randomUUID();
  const held = await sale.persist(() =>
    sale.send("post", `/v1/events/${eventId}/reservations`, { as, body, idempotencyKey }),
  );
  expect(held.status).toBe(201);
  const path = `/v1/reservations/${String(held.body["id"])}/confirm`;
  const sold = await sale.persist(() => sale.send("post", path, { as }));
  expect(sold.status).toBe(200);
}

async function openEvent(sale: KillableSale): Promise<string> {
  const restock = { threshold: 2, quantity: 1_000, supplier_url: "demo:" };
  const body = { name: "Restocked", capacity, max_quantity: perHold, restock };
  const made = await sale.send("post", "/v1/events", { as: sale.sale.adminKey, body });
  expect(made.status).toBe(201);
  const eventId = String(made.body["id"]);
  const parts = Array.from({ length: Math.ceil(soldBefore / perHold) }, (_, index) =>
    Math.min(perHold, soldBefore - index * perHold),
  );
  await Promise.all(parts.map((quantity) => sell(sale, eventId, quantity)));
  return eventId;
}

const restockCase = (sale: KillableSale): SweptCase => ({
  sort,
  prepare: async () => {
    const eventId = await openEvent(sale);
    const play = async () => {
      await sell(sale, eventId, 1);
      await sale.until("the delivery, and the end of its job", async () => {
        const [row] = await sale.database.query(
          `select 1 from restock_orders as placed where event_id = $1 and status = 'delivered'
             and not exists (select 1 from pgboss.job where id = placed.id)`,
          [eventId],
        );
        return row !== undefined;
      });
    };
    return { play, check: () => expectRestockedOnce(sale, eventId) };
  },
});

async function expectRestockedOnce({ database: { query } }: KillableSale, eventId: string): Promise<void> {
  const [event] = await query(
    "select capacity, available, held, sold, restock_order_id from events where id = $1",
    [eventId],
  );
  expect(event).toEqual({ capacity: 2_000, available: 1_001, held: 0, sold: 999, restock_order_id: null });
  const orders = await query("select id, status, quantity from restock_orders where event_id = $1", [
    eventId,
  ]);
  expect(orders).toEqual([{ id: expect.any(String), status: "delivered", quantity: 1_000 }]);
  const ofSupplier = "select key, quantity from demo_supplier_orders where key = $1";
  const id = orders[0]?.["id"];
  expect(await query(ofSupplier, [id])).toEqual([{ key: id, quantity: 1_000 }]);
  const strange = "select 1 from demo_supplier_orders where key not in (select id::text from restock_orders)";
  expect(await query(strange)).toEqual([]);
  const audits = "select action from event_audits where event_id = $1";
  expect(await query(audits, [eventId])).toEqual([{ action: "restocked" }]);
}

async function withSale(failureRate: string, use: (sale: KillableSale) => Promise<void>): Promise<void> {
  const sale = await openKillableSale("worker", { DEMO_SUPPLIER_FAILURE_RATE: failureRate });
  try {
    await use(sale);
    await requireRightStock(sale.database);
  } finally {
    await sale.close();
  }
}

test("whenever the worker is killed, one delivery is ordered and arrives once", { timeout: 600_000 }, () =>
  withSale("0", async (sale) => {
    const report = await sweepKillPoints(restockCase(sale), sale.proxy, sale);
    expect(report).toMatchObject({ failures: [], missed: [] });
    expect(report.survived).toEqual(expect.arrayContaining(mustCome));
  }),
);

test(
  "1,000 tickets, 999 sold, threshold 2, a supplier failing before and after it acts, a worker killed: 1,001 are free",
  { timeout: 600_000 },
  () =>
    withSale("0.5", async (sale) => {
      // What fails changes which statements come, so only the first of each kind comes for certain.
      const report = await sweepKillPoints(
        restockCase(sale),
        sale.proxy,
        sale,
        ({ side, occurrence }) => side === "after" && occurrence === 1,
      );
      expect(report).toMatchObject({ failures: [], missed: [] });
      expect(report.survived.length).toBeGreaterThan(4);
    }),
);
