import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBooks } from "../../chaos/model/read-books.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
beforeAll(async () => {
  service = await openTestService({ demo: true });
});
afterAll(() => service.close());

test("the books tell what the database has, with its times and in whole pages", async () => {
  const event = await service.createEvent({ capacity: 10, price_cents: 250, hold_seconds: 60 });
  const held = await service.hold(event.id, "ann", 1);
  await service.change(held.id, "extend");
  const confirmed = (await service.change(held.id, "confirm")).body as {
    confirmed_at: string;
    expires_at: string;
  };
  const cartId = randomUUID();
  const as = service.keys.service;
  const put = { as, body: { user_id: "bob", quantity: 1 } };
  await service.send("put", `/v1/carts/${cartId}/items/${event.id}`, put);
  const payment = { provider: "demo", token: "tok_ok" };
  const body = { email: "bob@example.org", payment };
  const order = (await service.send("post", `/v1/carts/${cartId}/checkout`, { as, body })).body;
  const customer = {
    first_name: "Ada",
    last_name: "Lovelace",
    email: "ada@example.org",
    phone_number: "+14155550132",
  };
  await service.send("post", "/v1/customers", { as, body: { request_id: "request-1", customer } });
  await service.send("patch", `/v1/events/${event.id}`, { as: service.keys.admin, body: { capacity: 12 } });

  const books = await readBooks(service.database.connectionString);

  expect(books.events).toMatchObject([
    { id: event.id, capacity: 12, available: 10, held: 0, sold: 2, holdSeconds: 60 },
  ]);
  expect(books.audits).toMatchObject([{ eventId: event.id, action: "changed", reason: null }]);
  const [ann, bob] = books.reservations.toSorted((one, other) => one.createdAtMs - other.createdAtMs);
  expect(ann).toMatchObject({
    id: held.id,
    eventId: event.id,
    userId: "ann",
    status: "confirmed",
    createdAtMs: Date.parse(held.created_at),
    confirmedAtMs: Date.parse(confirmed.confirmed_at),
    expiresAtMs: Date.parse(confirmed.expires_at),
    releasedAtMs: null,
    cartId: null,
  });
  expect(ann?.extendedAtMs).toHaveLength(1);
  const item = { eventId: event.id, reservationId: bob?.id, quantity: 1 };
  expect(books.carts).toMatchObject([{ id: cartId, userId: "bob", items: [item], orderId: order["id"] }]);
  expect(books.orders).toMatchObject([
    { id: order["id"], cartId, status: "paid", totalCents: 250, items: [item] },
  ]);
  expect(books.payments).toMatchObject([
    { key: order["id"], amountCents: 250, status: "succeeded", refundedCents: 0 },
  ]);
  expect(books.customers).toMatchObject([
    { firstName: "Ada", phoneNumber: "+14155550132", verifiedAtMs: null },
  ]);
  expect(books.verifications).toMatchObject([
    { customerId: books.customers[0]?.id, status: "pending", wrongAttempts: 0 },
  ]);
  expect(books.readAtMs).toBeGreaterThanOrEqual(bob?.createdAtMs ?? Infinity);
});

test("more rows than fit on a page are all there, once", async () => {
  const event = await service.createEvent({ capacity: 0 });
  await service.database.query(
    `insert into event_audits (event_id, action, actor, at)
      select $1, 'paused', 'test', clock_timestamp() from generate_series(1, 10001)`,
    [event.id],
  );
  const { audits } = await readBooks(service.database.connectionString);
  expect(audits.filter(({ eventId }) => eventId === event.id)).toHaveLength(10_001);
});

test("books that nobody waits for are not read", async () => {
  const stopped = AbortSignal.abort(new Error("The run was stopped."));
  await expect(readBooks(service.database.connectionString, stopped)).rejects.toThrow("The run was stopped.");
});
