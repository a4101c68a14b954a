import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { stallDatabase } from "../support/stall-database.ts";
import { type MailServer, startMailServer } from "../support/start-mail-server.ts";
import { waitFor } from "../support/wait-for.ts";

// A worker is killed between any two steps of an order. Whatever it was about to do is done by the next one: in the end
// there is one charge, one refund if there is one to be, and one message, perhaps twice under the same id.

let database: TestDatabase;
let mail: MailServer;
let sale: Sale;
let calls: ReturnType<typeof cartCalls>;
let eventId: string;
let stall: ReturnType<typeof stallDatabase>;

/** The next worker, and then the job that the killed one had in hand. */
const recoveryMaxMs = 90_000;
const testMaxMs = 180_000;
const priceCents = 2_500;

beforeAll(async () => {
  database = await openTestDatabase();
  stall = stallDatabase(database, recoveryMaxMs);
  mail = await startMailServer();
  sale = await openSale(database, {
    WORKERS_MIN: "1",
    WORKERS_MAX: "1",
    DEMO: "1",
    SMTP_URL: mail.url,
  });
  const send = createClient(sale.url);
  calls = cartCalls({ send, keys: { service: sale.adminKey, admin: sale.adminKey, observer: "" } });
  const body = { name: "Crash", capacity: 100, price_cents: priceCents, currency: "EUR" };
  eventId = String((await send("post", "/v1/events", { as: sale.adminKey, body })).body["id"]);
}, 60_000);
afterAll(async () => {
  await sale.close();
  await mail.close();
  await requireRightStock(database).finally(() => database.close());
});

/** Kills the only worker, which serves and does the jobs. */
async function killWorker(): Promise<void> {
  const [pid = -1] = await sale.watch.awaitReady(1);
  process.kill(pid, "SIGKILL");
  await waitFor(
    "another worker",
    async () => {
      const pids = await sale.watch.readyPids();
      return pids.length === 1 && !pids.includes(pid);
    },
    recoveryMaxMs,
  );
}

interface OrderFacts {
  readonly id: string;
  readonly status: string;
  readonly payment: string;
  readonly sent: boolean;
}

async function readOrder(cartId: string): Promise<OrderFacts | undefined> {
  const rows = await database.query<{ id: string; status: string; payment: string; sent: boolean }>(
    `select id, status, payment_status as payment, receipt_sent_at is not null as sent from orders where cart_id = $1`,
    [cartId],
  );
  return rows[0];
}

const untilOrder = (cartId: string, facts: Partial<OrderFacts>) =>
  waitFor(
    `an order that is ${JSON.stringify(facts)}`,
    async () => {
      const order = await readOrder(cartId);
      const isSo = Object.entries(facts).every(([key, value]) => order?.[key as keyof OrderFacts] === value);
      return isSo ? order : undefined;
    },
    recoveryMaxMs,
  );

const untilNoJobs = () =>
  waitFor(
    "the jobs to be done",
    async () => (await database.query("select 1 from pgboss.job")).length === 0,
    recoveryMaxMs,
  );

async function openCart(): Promise<string> {
  return (await calls.open([eventId], { userId: randomUUID() })).id;
}

/** Checks out, but whoever answers may be killed. */
function checkOutInVain(
  cartId: string,
  terms: { readonly token?: string; readonly idempotencyKey?: string },
) {
  return calls.checkOut(cartId, terms).then(
    () => "answered",
    () => "cut off",
  );
}

const paymentsOf = (orderId: string) =>
  database.query(
    `select key, status, amount_cents::int as amount_cents, refunded_cents::int as refunded_cents, refund_key
     from demo_payments where key = $1`,
    [orderId],
  );

/** The ids of the messages about an order, each named once. */
function messagesAbout(orderId: string): { readonly ids: string[]; readonly count: number } {
  const found = mail.taken.flatMap(({ source }) => /^message-id: (.+)$/im.exec(source)?.[1]?.trim() ?? []);
  const about = found.filter((id) => id.includes(orderId));
  return { ids: [...new Set(about)].toSorted(), count: about.length };
}

async function expectSoldOnce(cartId: string): Promise<string> {
  const { id } = await untilOrder(cartId, { status: "paid", payment: "succeeded", sent: true });
  await untilNoJobs();
  expect(await paymentsOf(id)).toEqual([
    { key: id, status: expect.any(String), amount_cents: priceCents, refunded_cents: 0, refund_key: null },
  ]);
  const sold = await database.query("select status, quantity from reservations where cart_id = $1", [cartId]);
  expect(sold).toEqual([{ status: "confirmed", quantity: 1 }]);
  expect(messagesAbout(id).ids).toEqual([`<${id}.paid@holdfast>`]);
  return id;
}

test(
  "killed after the order was begun and before it was charged: it is charged once, and its key tells so",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    const release = await stall.hold("lock table demo_payments in access exclusive mode");
    const idempotencyKey = randomUUID();
    const checkout = checkOutInVain(cartId, { idempotencyKey });
    await stall.untilBlocked("%insert into demo_payments%");
    await killWorker();
    expect(await checkout).toBe("cut off");
    await stall.untilGivenUp();
    await release();
    const orderId = await expectSoldOnce(cartId);
    const repeated = await calls.checkOut(cartId, { idempotencyKey });
    expect(repeated).toMatchObject({ status: 201, body: { id: orderId, status: "paid" } });
  },
);

test(
  "killed while the payment is under way: it is found out what came of it",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    const checkout = checkOutInVain(cartId, { token: "tok_slow" });
    const { id } = await untilOrder(cartId, { status: "pending" });
    await waitFor("the charge", async () => (await paymentsOf(id)).length === 1);
    await killWorker();
    expect(await checkout).toBe("cut off");
    await expectSoldOnce(cartId);
  },
);

test(
  "killed after the charge and before it was written down: the sale is written down",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    const checkout = checkOutInVain(cartId, { token: "tok_slow" });
    const { id } = await untilOrder(cartId, { status: "pending" });
    await waitFor("the charge", async () => (await paymentsOf(id)).length === 1);
    // The provider answers after 5 s, and what it says has to wait here.
    const release = await stall.hold("select 1 from events where id = $1 for update", [eventId]);
    await waitFor("the charge to have succeeded", async () => {
      const rows = await database.query(
        "select 1 from demo_payments where key = $1 and succeeds_at < now()",
        [id],
      );
      return rows.length === 1;
    });
    await stall.untilBlocked("%for % update%");
    await killWorker();
    expect(await checkout).toBe("cut off");
    await stall.untilGivenUp();
    await release();
    await expectSoldOnce(cartId);
  },
);

test(
  "killed after the sale and before the receipt was taken: it is sent all the same",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    mail.behave("silent");
    const order = await calls.buy(cartId);
    await waitFor("the receipt to be on its way", async () => {
      const rows = await database.query("select 1 from pgboss.job where id = $1 and state = 'active'", [
        order.id,
      ]);
      return rows.length === 1;
    });
    await killWorker();
    expect(await readOrder(cartId)).toMatchObject({ status: "paid", sent: false });
    mail.behave("take");
    await expectSoldOnce(cartId);
    expect(messagesAbout(order.id).count).toBe(1);
  },
);

test(
  "killed after the receipt was taken and before that was written down: the same message comes again",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    mail.behave("refuse_for_now");
    const order = await calls.buy(cartId);
    await waitFor("a first try", async () => {
      const rows = await database.query("select 1 from pgboss.job where id = $1 and state = 'retry'", [
        order.id,
      ]);
      return rows.length === 1;
    });
    const release = await stall.hold("select 1 from orders where id = $1 for update", [order.id]);
    mail.behave("take");
    await waitFor("the message", () => messagesAbout(order.id).count === 1, recoveryMaxMs);
    await stall.untilBlocked("%update%orders%");
    await killWorker();
    await stall.untilGivenUp();
    expect(await readOrder(cartId)).toMatchObject({ sent: false });
    await release();
    await expectSoldOnce(cartId);
    expect(messagesAbout(order.id).count).toBe(2);
  },
);

async function expectRefundedOnce(cartId: string, orderId: string): Promise<void> {
  await untilOrder(cartId, { status: "refunded", payment: "refunded" });
  await untilNoJobs();
  expect(await paymentsOf(orderId)).toEqual([
    {
      key: orderId,
      status: "succeeded",
      amount_cents: priceCents,
      refunded_cents: priceCents,
      refund_key: `refund:${orderId}`,
    },
  ]);
  expect(messagesAbout(orderId).ids).toEqual([
    `<${orderId}.paid@holdfast>`,
    `<${orderId}.refunded@holdfast>`,
  ]);
  const returned = await database.query("select status from reservations where cart_id = $1", [cartId]);
  expect(returned).toEqual([{ status: "cancelled" }]);
}

test("killed in the middle of a refund: the money is returned once", { timeout: testMaxMs }, async () => {
  const cartId = await openCart();
  await calls.buy(cartId);
  const orderId = await expectSoldOnce(cartId);
  const release = await stall.hold("select 1 from demo_payments where key = $1 for update", [orderId]);
  expect(await calls.refund(orderId)).toMatchObject({ status: 200, body: { status: "refunded" } });
  await stall.untilBlocked("%update demo_payments%");
  await killWorker();
  await stall.untilGivenUp();
  await release();
  await expectRefundedOnce(cartId, orderId);
});

test(
  "killed after a refund and before it was written down: it is written down, and not made again",
  { timeout: testMaxMs },
  async () => {
    const cartId = await openCart();
    await calls.buy(cartId);
    const orderId = await expectSoldOnce(cartId);
    const releasePayment = await stall.hold("select 1 from demo_payments where key = $1 for update", [
      orderId,
    ]);
    expect(await calls.refund(orderId)).toMatchObject({ status: 200 });
    await stall.untilBlocked("%update demo_payments%");
    const releaseOrder = await stall.hold("select 1 from orders where id = $1 for update", [orderId]);
    await releasePayment();
    await waitFor(
      "the refund to be made",
      async () => (await paymentsOf(orderId))[0]?.["refund_key"] === `refund:${orderId}`,
      recoveryMaxMs,
    );
    await stall.untilBlocked("%update %orders%");
    await killWorker();
    expect(await readOrder(cartId)).toMatchObject({ status: "refunded", payment: "refunding" });
    await stall.untilGivenUp();
    await releaseOrder();
    await expectRefundedOnce(cartId, orderId);
  },
);
