import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { OutsidePoster } from "../../api/providers/outside/post-outside.ts";
import { ProviderFailure } from "../../api/providers/outside/provider-failure.ts";
import { DemoSupplier } from "../../api/providers/supplier/demo-supplier.ts";
import { HttpSupplier } from "../../api/providers/supplier/http-supplier.ts";
import { openSuppliers } from "../../api/providers/supplier/open-suppliers.ts";
import { DemoSupplierBooks } from "../../api/store/demo-supplier.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { type Behaviour, deliverAll, startSupplier, type SupplierServer } from "../support/start-supplier.ts";

let server: SupplierServer;
const posters: OutsidePoster[] = [];

beforeAll(async () => {
  server = await startSupplier();
});
beforeEach(() => {
  server.behave(deliverAll);
  server.calls.length = 0;
});
afterAll(async () => {
  for (const poster of posters) poster.close();
  await server.close();
});

const order = () => ({ key: makeId(), eventId: makeId(), quantity: 200 });
const never = new AbortController().signal;

/** A supplier with nothing behind it yet that has failed. */
function openSupplier(allowPrivate = true, limits: ConstructorParameters<typeof HttpSupplier>[1] = {}) {
  const poster = new OutsidePoster({ allowPrivate });
  posters.push(poster);
  return new HttpSupplier(poster, limits);
}

/** How asking fails. */
async function failureOf(asking: Promise<unknown>): Promise<ProviderFailure> {
  const failure = await asking.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof ProviderFailure) return failure;
  throw new Error(`Wanted a provider's failure, got ${String(failure)}.`);
}

describe("a supplier that is asked by HTTP", () => {
  test("is told what is wanted, and under which key", async () => {
    const wanted = order();
    const answer = await openSupplier().place(wanted, server.url, never);
    expect(answer).toEqual({ kind: "delivered", quantity: 200, reference: "PO-7" });
    const body = { restock_order_id: wanted.key, event_id: wanted.eventId, quantity: 200 };
    expect(server.calls).toEqual([{ key: wanted.key, body }]);
  });

  test.each<[string, Behaviour, string | null]>([
    ["with a reference", { status: 202, body: { status: "accepted", reference: "PO-8" } }, "PO-8"],
    ["without one", { status: 202, body: { status: "accepted" } }, null],
    [
      "with more than is asked for",
      { status: 200, body: { status: "accepted", reference: null, eta: 3 } },
      null,
    ],
  ])("may take the order and deliver later, %s", async (_how, behaviour, reference) => {
    server.behave(behaviour);
    const answer = await openSupplier().place(order(), server.url, never);
    expect(answer).toEqual({ kind: "accepted", reference });
  });

  test.each<[string, Behaviour]>([
    ["answers 500", { status: 500, body: "out of order" }],
    ["answers 503", { status: 503 }],
    ["answers 429", { status: 429 }],
    ["says that it is busy with the same key", { status: 409 }],
    ["sends elsewhere", { status: 307, headers: { location: "http://127.0.0.1:1/" } }],
    ["breaks the connection", "reset"],
    ["breaks off in the middle", "half an answer"],
    ["answers with a page", { status: 200, body: "<html>Welcome</html>" }],
    ["answers with nothing", { status: 200, body: "" }],
    ["answers with another status", { status: 200, body: { status: "perhaps" } }],
    ["does not say how many", { status: 200, body: { status: "delivered" } }],
    ["says a number that is none", { status: 200, body: { status: "delivered", quantity: "200" } }],
    ["says a reference that is none", { status: 200, body: { status: "accepted", reference: { id: 1 } } }],
  ])("that %s is asked again", async (_how, behaviour) => {
    server.behave(behaviour);
    const failure = await failureOf(openSupplier().place(order(), server.url, never));
    expect(failure.retry).toBe("again");
    expect(failure.message).toContain("127.0.0.1");
    expect(server.calls).toHaveLength(1);
  });

  test("that does not answer in time is asked again", async () => {
    server.behave("silent");
    const supplier = openSupplier(true, { answerMaxMs: 50 });
    const failure = await failureOf(supplier.place(order(), server.url, never));
    expect(failure).toMatchObject({ retry: "again", message: expect.stringContaining("within 50 ms") });
  });

  test("that is not there is asked again", async () => {
    const gone = await startSupplier();
    await gone.close();
    expect((await failureOf(openSupplier().place(order(), gone.url, never))).retry).toBe("again");
  });

  test.each<[string, Behaviour]>([
    ["refuses the order", { status: 422, body: "We do not sell that." }],
    ["does not know the address", { status: 404 }],
    ["wants to be paid first", { status: 402 }],
    ["delivers another quantity", { status: 200, body: { status: "delivered", quantity: 199 } }],
  ])("that %s is not asked again", async (_how, behaviour) => {
    server.behave(behaviour);
    expect((await failureOf(openSupplier().place(order(), server.url, never))).retry).toBe("never");
  });

  test("cannot put more than a line into what is kept of its answer", async () => {
    server.behave({ status: 422, body: `no\n\u0000${"x".repeat(100_000)}` });
    const { message } = await failureOf(openSupplier().place(order(), server.url, never));
    expect(message).toMatch(/answered 422: no x{10}/);
    expect(message.length).toBeLessThan(300);
  });

  test("says the same to the same key, and has delivered once", async () => {
    const wanted = order();
    server.behave("reset", "half an answer", { status: 500 }, deliverAll);
    const supplier = openSupplier();
    for (let tries = 0; tries < 3; tries += 1) await failureOf(supplier.place(wanted, server.url, never));
    expect(await supplier.place(wanted, server.url, never)).toMatchObject({ kind: "delivered" });
    expect(await supplier.place(wanted, server.url, never)).toMatchObject({ quantity: 200 });
    expect(server.calls.map(({ key }) => key)).toEqual(Array.from({ length: 5 }, () => wanted.key));
    expect(server.books.get(wanted.key)).toBe(200);
  });

  test("that fails again and again is left alone, and its neighbour is not", async () => {
    const other = await startSupplier();
    const supplier = openSupplier(true, { breaker: { failuresMax: 2, restMs: 60_000 } });
    server.behave({ status: 500 });
    for (let tries = 0; tries < 3; tries += 1) await failureOf(supplier.place(order(), server.url, never));
    expect(server.calls).toHaveLength(2);
    const failure = await failureOf(supplier.place(order(), server.url, never));
    expect(failure).toMatchObject({ retry: "again", message: expect.stringContaining("left alone") });
    expect(await supplier.place(order(), other.url, never)).toMatchObject({ kind: "delivered" });
    await other.close();
  });

  test("that refuses for good is not taken for one in trouble", async () => {
    const supplier = openSupplier(true, { breaker: { failuresMax: 2, restMs: 60_000 } });
    server.behave({ status: 422 });
    for (let tries = 0; tries < 4; tries += 1) await failureOf(supplier.place(order(), server.url, never));
    expect(server.calls).toHaveLength(4);
  });

  test("on our own network is not asked at all, unless that is allowed", async () => {
    const failure = await failureOf(openSupplier(false).place(order(), server.url, never));
    expect(failure.retry).toBe("never");
    expect(server.calls).toEqual([]);
  });

  test("that is waited for in vain is let go when the wait is ended", async () => {
    server.behave("silent");
    const waiting = new AbortController();
    const asking = failureOf(openSupplier().place(order(), server.url, waiting.signal));
    waiting.abort();
    expect((await asking).retry).toBe("again");
  });
});

describe("the built-in supplier", () => {
  let database: TestDatabase;
  let pool: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
    const { connectionString } = database;
    pool = openDatabase({ connectionString, connectionsMax: 4, onLost: () => {} });
  });
  afterAll(async () => {
    await pool.destroy();
    await database.close();
  });

  const booksOf = (key: string) =>
    database.query("select quantity, asked_times from demo_supplier_orders where key = $1", [key]);

  test("delivers at once, and once for each key, also to many who ask together", async () => {
    const supplier = new DemoSupplier(new DemoSupplierBooks(pool));
    const wanted = order();
    const answers = await Promise.all(Array.from({ length: 8 }, () => supplier.place(wanted)));
    for (const answer of answers) expect(answer).toMatchObject({ kind: "delivered", quantity: 200 });
    expect(await booksOf(wanted.key)).toEqual([{ quantity: 200, asked_times: 8 }]);
    expect(await supplier.place({ ...wanted, quantity: 5 })).toMatchObject({ quantity: 200 });
  });

  test("fails before and after it has acted, as often as it is told to", async () => {
    const supplierBooks = new DemoSupplierBooks(pool);
    const settings = { supplierBooks, allowPrivateAddresses: false };
    const broken = openSuppliers({ ...settings, demoSupplierFailureRate: 1 });
    const found = new Set<string>();
    for (let tries = 0; tries < 200 && found.size < 2; tries += 1) {
      const wanted = order();
      const failed = await broken.place(wanted, "demo:", never).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed === null) continue;
      expect(failed).toMatchObject({ retry: "again" });
      found.add((await booksOf(wanted.key)).length === 0 ? "before" : "after");
    }
    expect([...found].sort()).toEqual(["after", "before"]);
    const whole = openSuppliers({ ...settings, demoSupplierFailureRate: 0 });
    for (let tries = 0; tries < 20; tries += 1)
      expect(await whole.place(order(), "demo:", never)).toMatchObject({ kind: "delivered" });
    broken.close();
    whole.close();
  });
});
