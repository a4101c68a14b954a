import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditStockOnce } from "../../api/jobs/audit-stock.ts";
import { describeOrderMismatch } from "../../api/store/recount-orders.ts";
import { describeMismatch, recountStock } from "../../api/store/recount-stock.ts";
import { sellAgainstEachOther } from "../desk/sell-against-each-other.ts";
import { type CartDesk, declined, insertPricedEvent, openCartDesk } from "../desk/open-cart-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let desk: CartDesk;
let eventIds: readonly [string, string];
/** Orders by how they ended, each of both events. */
let orderIds: Readonly<Record<"paid" | "pending" | "declined" | "refunding", string>>;

beforeEach(async () => {
  database = await openTestDatabase();
  desk = await openCartDesk(database);
  eventIds = [
    await insertPricedEvent(database, { capacity: 40 }),
    await insertPricedEvent(database, { capacity: 40 }),
  ];
  const [paid, refused, refunding] = [await order("ada"), await order("bob"), await order("cyd")];
  await desk.settle(paid);
  await desk.settle(refused, declined);
  await desk.settle(refunding);
  await desk.refund(refunding);
  const pending = await order("dan");
  // One in a cart, and one that belongs to none.
  await desk.fill(randomUUID(), eventIds[0], 1, "eve");
  await desk.desk.submit({ kind: "hold", eventId: eventIds[0], userId: "fay", quantity: 1 });
  orderIds = { paid: paid.id, declined: refused.id, refunding: refunding.id, pending: pending.id };
});
afterEach(async () => {
  await desk.close();
  await database.close();
});

async function order(userId: string) {
  const cartId = randomUUID();
  for (const eventId of eventIds) await desk.fill(cartId, eventId, 2, userId);
  return desk.order(cartId);
}

const recount = () => recountStock(database.connectionString);

function runCommand(): Promise<{ code: unknown; stdout: string }> {
  const file = resolve(import.meta.dirname, "../../api/audit-stock.ts");
  const env = { ...process.env, DATABASE_URL: database.connectionString };
  return new Promise((done) => {
    execFile(process.execPath, [file], { env, timeout: 15_000 }, (error, stdout) =>
      done({ code: error?.code ?? 0, stdout }),
    );
  });
}

test("orders of every end are right, and so are holds in carts and outside of them", async () => {
  expect(await recount()).toMatchObject({
    events: 2,
    orders: 4,
    mismatches: [],
    orderMismatchCount: 0,
    orderMismatches: [],
  });
});

type Break = [what: string, statements: string[], whose: keyof typeof orderIds, told: string];

/** Each leaves the counters of the events as right as it can, so that only the audit of orders can see it. */
const breaks: Break[] = [
  [
    "a paid item whose reservation is gone",
    [
      "delete from reservations where user_id = 'ada' and event_id = $1",
      "update events set sold = sold - 2, available = available + 2 where id = $1",
    ],
    "paid",
    "1 item is paid and not sold to its user as ordered",
  ],
  [
    "paid items with fewer tickets than were ordered",
    [
      "update reservations set quantity = 1 where user_id = 'ada'",
      "update events set sold = sold - 1, available = available + 1",
    ],
    "paid",
    "2 items are paid and not sold to its user as ordered",
  ],
  [
    "a paid item that went to somebody else",
    ["update reservations set user_id = 'zoe' where user_id = 'ada' and event_id = $1"],
    "paid",
    "1 item is paid and not sold to its user as ordered",
  ],
  [
    "a paid order whose cart names another",
    ["update carts set order_id = gen_random_uuid() where user_id = 'ada'"],
    "paid",
    "its cart names another order, and a cart is sold once",
  ],
  [
    "a pending order without the job that settles it",
    ["delete from pgboss.job where name = 'settle-payment'"],
    "pending",
    "no job is there to settle its payment",
  ],
  [
    "a refund without the job that sends it",
    ["delete from pgboss.job where name = 'refund-payment'"],
    "refunding",
    "no job is there to return its money",
  ],
];

async function breakBooks(statements: readonly string[]): Promise<void> {
  for (const statement of statements)
    await database.query(statement, statement.includes("$1") ? [eventIds[0]] : []);
}

describe("a recount", () => {
  test.each(breaks)("finds %s, and the command exits with 3", async (_what, statements, whose, told) => {
    await breakBooks(statements);
    const { mismatches, orderMismatches, orderMismatchCount } = await recount();
    expect(mismatches).toEqual([]);
    expect({ ids: orderMismatches.map(({ orderId }) => orderId), orderMismatchCount }).toEqual({
      ids: [orderIds[whose]],
      orderMismatchCount: 1,
    });
    const { code, stdout } = await runCommand();
    expect(code).toBe(3);
    expect(stdout).toContain("Broken events     0\nBroken orders     1\nInvariants        BROKEN\n");
    expect(stdout).toMatch(new RegExp(`^- Order ${orderIds[whose]} \\(\\w+\\): ${told}$`, "m"));
  });

  test.each([
    [
      "a sale from a cart that nobody has paid for",
      "update orders set status = 'declined', payment_status = 'declined', paid_at = null where user_id = 'ada'",
      "1 sold from carts without a paid order that lists them",
    ],
    [
      "a sale that its cart's paid order does not list",
      "update orders set items = jsonb_set(items, '{0,reservation_id}', to_jsonb(gen_random_uuid())) where user_id = 'ada'",
      "1 sold from carts without a paid order that lists them",
    ],
    [
      "a hold that its cart does not list",
      "update carts set items = '[]' where user_id = 'eve'",
      "1 held for carts that do not list them",
    ],
  ])("finds %s, and names the event", async (_what, statement, told) => {
    await breakBooks([statement]);
    const { code, stdout } = await runCommand();
    expect(code).toBe(3);
    expect(stdout).toMatch(new RegExp(`^- Concert \\(${eventIds[0]}\\): ${told}$`, "m"));
  });

  test("goes on page by page, and names the first hundred only", async () => {
    const others = 4_500;
    await database.query(
      `insert into carts (id, user_id, items, created_at)
       select gen_random_uuid(), 'mob', '[]', now() from generate_series(1, $1)`,
      [others],
    );
    await database.query(
      `insert into orders (id, cart_id, user_id, email, status, total_cents, currency, items, payment_provider,
         payment_status, hold_until, created_at)
       select gen_random_uuid(), carts.id, 'mob', 'a@b.c', 'pending', 1000, 'USD', ada.items, 'demo', 'processing', now(), now()
       from carts cross join (select items from orders where user_id = 'ada') as ada where user_id = 'mob'`,
    );
    const found = await recount();
    expect(found).toMatchObject({ orders: others + 4, orderMismatchCount: others });
    expect(found.orderMismatches).toHaveLength(100);
    const { stdout } = await runCommand();
    expect(stdout).toContain(`\n- and ${others - 100} more\n`);
  });
});

test("finds nothing wrong while sales go on", async () => {
  const selling = new AbortController();
  const terms = { capacity: 10, holdSeconds: 1, maxExtensions: 3 };
  const contested = [await insertPricedEvent(database, terms), await insertPricedEvent(database, terms)];
  const sales = sellAgainstEachOther({
    desks: [desk],
    eventIds: contested,
    signal: selling.signal,
    count: () => {},
  });
  const seen: string[] = [];
  let orders = 0;
  for (let round = 0; round < 30 || (orders < 20 && round < 300); round += 1) {
    const found = await recount();
    orders = found.orders;
    seen.push(...found.mismatches.map(describeMismatch), ...found.orderMismatches.map(describeOrderMismatch));
  }
  selling.abort();
  await sales;
  expect(seen).toEqual([]);
});

test("the job counts broken orders among the mismatches, and tells of them", async () => {
  await breakBooks(breaks[0]?.[1] ?? []);
  const { figures, trouble } = await auditStockOnce({
    connectionString: database.connectionString,
    signal: new AbortController().signal,
  });
  expect(figures).toEqual({ events: 2, orders: 4, oversold: 0, mismatches: 1 });
  expect(trouble?.message).toMatch(/^Order .* \(paid\): 1 item is paid and not sold/);
});
