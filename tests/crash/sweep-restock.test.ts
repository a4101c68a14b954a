import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { type KillableSale, openKillableSale } from "../support/kill-points/killable-sale.ts";
import { sortByTables } from "../support/kill-points/sort-statements.ts";
import { type SweptCase, sweepKillPoints } from "../support/kill-points/sweep-kill-points.ts";

// The last tickets of an event are sold, which opens a restock order. The worker is killed at each statement from the
// sale to the delivery, and however that goes, the supplier is asked for one delivery, and it arrives once.

const capacity = 1_000;
const soldBefore = 998;
const perHold = 20;

let sale: KillableSale;

beforeAll(async () => {
  sale = await openKillableSale("worker", { DEMO_SUPPLIER_FAILURE_RATE: "0" });
}, 60_000);
afterAll(async () => {
  await requireRightStock(sale.database).finally(() => sale.close());
});

const sort = sortByTables([
  "events",
  "reservations",
  "idempotency_records",
  "restock_orders",
  "demo_supplier_orders",
  "event_audits",
]);

/** Sells so many tickets of an event. */
async function sell(eventId: string, quantity: number): Promise<void> {
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

async function openEvent(): Promise<string> {
  const restock = { threshold: 2, quantity: 1_000, supplier_url: "demo:" };
  const body = { name: "Restocked", capacity, max_quantity: perHold, restock };
  const made = await sale.send("post", "/v1/events", { as: sale.sale.adminKey, body });
  expect(made.status).toBe(201);
  const eventId = String(made.body["id"]);
  const parts = Array.from({ length: Math.ceil(soldBefore / perHold) }, (_, index) =>
    Math.min(perHold, soldBefore - index * perHold),
  );
  await Promise.all(parts.map((quantity) => sell(eventId, quantity)));
  return eventId;
}

const restockCase: SweptCase = {
  sort,
  prepare: async () => {
    const eventId = await openEvent();
    return async () => {
      await sell(eventId, 1);
      await sale.until("the delivery", async () => {
        const [row] = await sale.database.query("select available from events where id = $1", [eventId]);
        return row?.["available"] === 1_001;
      });
      await expectRestockedOnce(eventId);
    };
  },
};

async function expectRestockedOnce(eventId: string): Promise<void> {
  const { query } = sale.database;
  const [event] = await query(
    "select capacity, available, held, sold, restock_order_id from events where id = $1",
    [eventId],
  );
  expect(event).toEqual({ capacity: 2_000, available: 1_001, held: 0, sold: 999, restock_order_id: null });
  const orders = await query("select id, status, quantity from restock_orders where event_id = $1", [
    eventId,
  ]);
  expect(orders).toEqual([{ id: expect.any(String), status: "delivered", quantity: 1_000 }]);
  const id = orders[0]?.["id"];
  expect(await query("select key, quantity from demo_supplier_orders where key = $1", [id])).toEqual([
    { key: id, quantity: 1_000 },
  ]);
  await sale.until("the job to be done", async () => {
    return (await query("select 1 from pgboss.job where id = $1", [id])).length === 0;
  });
}

test("x", { timeout: 170_000 }, async () => {
  const report = await sweepKillPoints(restockCase, sale.proxy, sale);
  console.log(report);
});
