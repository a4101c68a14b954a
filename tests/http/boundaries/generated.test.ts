import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findWrongStock } from "../../support/check-stock.ts";
import { cartCalls } from "../../support/cart-calls.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";

let service: TestService;
let eventId: string;

beforeAll(async () => {
  service = await openTestService({ demo: true });
  eventId = (await service.createEvent({ capacity: 10_000_000, max_quantity: 20 })).id;
});
afterAll(() => service.close());

const runs = { numRuns: 400, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false };

/** Values at and beyond every edge, and whatever else JSON can say. */
const anything = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, 1, -1, 1.5, 20, 21, 2 ** 31, 2 ** 53, -0, "", "1", null, true, [], {}),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 250 }) },
  { weight: 1, arbitrary: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) },
  { weight: 2, arbitrary: fc.jsonValue({ noUnicodeString: false }) },
  { weight: 1, arbitrary: fc.string().map((text) => `https://supplier.example/${text}`) },
);

function bodyWith(known: readonly string[]) {
  const name = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "id", "status", "") },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  );
  const members = fc.array(fc.tuple(name, anything), { maxLength: 8 });
  // Written by hand, so that names can occur twice and __proto__ is a name like any other.
  const toJson = (pairs: [string, unknown][]) =>
    `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
  return fc.oneof(
    { weight: 8, arbitrary: members.map(toJson) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  );
}

/** What a definite answer to nonsense may be. The client holds each of them against the contract besides. */
const definite = [200, 201, 400, 409, 413, 415, 422];

test("whatever is sent as a hold is answered, and never as a failure of the service", async () => {
  const body = bodyWith(["user_id", "user_id", "quantity"]);
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const path = `/v1/events/${eventId}/reservations`;
      const answer = await service.send("post", path, { as: service.keys.service, body: text });
      expect(definite).toContain(answer.status);
    }),
    runs,
  );
  expect(await findWrongStock(service.database)).toEqual([]);
});

test("whatever is sent as an item of a cart is answered, and never as a failure of the service", async () => {
  const body = bodyWith(["user_id", "user_id", "quantity"]);
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const path = `/v1/carts/${randomUUID()}/items/${eventId}`;
      const answer = await service.send("put", path, { as: service.keys.service, body: text });
      expect(definite).toContain(answer.status);
    }),
    runs,
  );
  expect(await findWrongStock(service.database)).toEqual([]);
});

test("whatever is sent as a checkout is answered, and never as a failure of the service", async () => {
  const { id } = await cartCalls(service).open([eventId], { userId: "a buyer" });
  const payment = fc.record(
    { provider: fc.oneof(fc.constant("demo"), anything), token: anything, amount: anything },
    { requiredKeys: ["provider"] },
  );
  const body = fc.oneof(
    bodyWith(["email", "payment", "total_cents"]),
    fc.record({ email: fc.emailAddress(), payment }).map((value) => JSON.stringify(value)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const sent = { as: service.keys.service, body: text };
      const answer = await service.send("post", `/v1/carts/${id}/checkout`, sent);
      expect(definite).toContain(answer.status);
    }),
    runs,
  );
  expect(await findWrongStock(service.database)).toEqual([]);
});

test("whatever is sent as a new event is answered, and what is created can be read", async () => {
  const body = bodyWith([
    "name",
    "name",
    "capacity",
    "capacity",
    "price_cents",
    "currency",
    "hold_seconds",
    "max_quantity",
    "max_extensions",
    "sales_start_at",
    "sales_end_at",
    "requires_verified_phone",
    "restock",
  ]);
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const answer = await service.send("post", "/v1/events", { as: service.keys.admin, body: text });
      expect(definite).toContain(answer.status);
      const isCreated = answer.status === 201;
      const found = isCreated ? await service.readEvent(String(answer.body["id"])) : answer.body;
      expect(found["name"]).toBe(answer.body["name"]);
    }),
    runs,
  );
});

test("an event of any valid terms is kept as it was given", async () => {
  const instant = fc
    .date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
    .map((date) => date.toISOString());
  const printable = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 50 })
    .filter((text) => /^\P{C}{1,200}$/u.test(text));
  const terms = fc.record(
    {
      name: printable,
      capacity: fc.integer({ min: 0, max: 10_000_000 }),
      price_cents: fc.integer({ min: 0, max: 1_000_000_000_000 }),
      currency: fc.stringMatching(/^[A-Z]{3}$/),
      hold_seconds: fc.integer({ min: 1, max: 86_400 }),
      max_quantity: fc.integer({ min: 1, max: 20 }),
      max_extensions: fc.integer({ min: 0, max: 10 }),
      sales_end_at: fc.option(instant),
      requires_verified_phone: fc.boolean(),
      restock: fc.option(
        fc.record({
          threshold: fc.integer({ min: 0, max: 10_000_000 }),
          quantity: fc.integer({ min: 1, max: 10_000_000 }),
          supplier_url: fc.webUrl({ withQueryParameters: true }),
        }),
      ),
    },
    { requiredKeys: ["name", "capacity"] },
  );
  await fc.assert(
    fc.asyncProperty(terms, async (body) => {
      const answer = await service.send("post", "/v1/events", { as: service.keys.admin, body });
      expect(answer).toMatchObject({ status: 201, body });
      expect(await service.readEvent(String(answer.body["id"]))).toMatchObject(body);
    }),
    { ...runs, numRuns: 100 },
  );
});

test("whatever stands in a query or an idempotency key is answered", async () => {
  const parameter = fc.tuple(
    fc.constantFrom(
      "limit",
      "starting_after",
      "ending_before",
      "user_id",
      "status",
      "search",
      "__proto__",
      "x",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  const key = fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,300}$/).filter((text) => text.trim() === text);
  await fc.assert(
    fc.asyncProperty(fc.array(parameter, { maxLength: 4 }), key, async (parameters, idempotencyKey) => {
      const query = parameters
        .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
        .join("&");
      const path = `/v1/events/${eventId}/reservations`;
      for (const list of [path, "/v1/events", "/v1/orders"]) {
        const listed = await service.send("get", `${list}?${query}`, { as: service.keys.observer });
        expect([200, 422]).toContain(listed.status);
      }
      const held = await service.send("post", path, { as: service.keys.service, body: {}, idempotencyKey });
      expect(held.status).toBe(422);
    }),
    { ...runs, numRuns: 150 },
  );
});
