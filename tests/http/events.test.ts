import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

const change = (eventId: string, body: object) =>
  service.send("patch", `/v1/events/${eventId}`, { as: service.keys.admin, body });

describe("an event that is created", () => {
  test("has its whole capacity free and the documented defaults", async () => {
    const event = await service.createEvent({ name: "Opening night", capacity: 250 });
    expect(event).toMatchObject({
      name: "Opening night",
      capacity: 250,
      available: 250,
      held: 0,
      sold: 0,
      version: 1,
      status: "on_sale",
      price_cents: 0,
      currency: "USD",
      hold_seconds: 600,
      max_quantity: 1,
      max_extensions: 1,
      sales_start_at: null,
      sales_end_at: null,
      requires_verified_phone: false,
      restock: null,
    });
    expect(await service.readEvent(event.id)).toEqual(event);
  });

  test("keeps every term that it was given, with instants in UTC", async () => {
    const terms = {
      name: "Ночь 夜 🎫",
      capacity: 10_000_000,
      price_cents: 1_000_000_000_000,
      currency: "EUR",
      hold_seconds: 86_400,
      max_quantity: 20,
      max_extensions: 10,
      requires_verified_phone: true,
      restock: { threshold: 5, quantity: 100, supplier_url: "demo:" },
    };
    const window = { sales_start_at: "2030-01-31T20:00:00+02:00", sales_end_at: "2030-02-01T00:00:00.5Z" };
    const event = await service.createEvent({ ...terms, ...window });
    expect(event).toMatchObject({
      ...terms,
      sales_start_at: "2030-01-31T18:00:00.000Z",
      sales_end_at: "2030-02-01T00:00:00.500Z",
      status: "scheduled",
    });
    expect(await service.readEvent(event.id)).toEqual(event);
  });

  test("is sold out from the start when its capacity is 0", async () => {
    expect(await service.createEvent({ capacity: 0 })).toMatchObject({ status: "sold_out", available: 0 });
  });

  test("is refused when its sales would end before they start", async () => {
    const body = {
      name: "x",
      capacity: 1,
      sales_start_at: "2030-01-02T00:00:00Z",
      sales_end_at: "2030-01-02T00:00:00Z",
    };
    const refused = await service.send("post", "/v1/events", { as: service.keys.admin, body });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/sales_end_at" }] } });
  });
});

describe("an event that is changed", () => {
  test("changes only what is named and rises in version", async () => {
    const event = await service.createEvent({ capacity: 10, price_cents: 500, hold_seconds: 60 });
    const changed = await change(event.id, { name: "Renamed", hold_seconds: 30 });
    expect(changed).toMatchObject({
      status: 200,
      body: { ...event, name: "Renamed", hold_seconds: 30, version: 2 },
    });
    expect(await service.readEvent(event.id)).toEqual(changed.body);
  });

  test("takes every term, and takes optional ones away again", async () => {
    const event = await service.createEvent();
    const terms = {
      price_cents: 4_200,
      currency: "CHF",
      max_quantity: 4,
      max_extensions: 0,
      sales_start_at: "2020-01-01T00:00:00.000Z",
      sales_end_at: "2040-01-01T00:00:00.000Z",
      requires_verified_phone: true,
      restock: { threshold: 1, quantity: 2, supplier_url: "https://supplier.example/orders" },
    };
    expect(await change(event.id, terms)).toMatchObject({ status: 200, body: terms });
    const without = { sales_start_at: null, sales_end_at: null, restock: null };
    expect(await change(event.id, without)).toMatchObject({ status: 200, body: { ...terms, ...without } });
  });

  test("gains and loses free tickets with its capacity, even while it sells", async () => {
    const event = await service.createEvent({ capacity: 5, max_quantity: 3 });
    const { id } = await service.hold(event.id, "ada", 3);
    await service.change(id, "confirm");
    await service.hold(event.id, "bob");
    const raised = await change(event.id, { capacity: 8 });
    expect(raised.body).toMatchObject({ capacity: 8, available: 4, held: 1, sold: 3 });
    const lowered = await change(event.id, { capacity: 4 });
    expect(lowered.body).toMatchObject({ capacity: 4, available: 0, held: 1, sold: 3, status: "all_held" });
  });

  test("refuses a capacity below what is held and sold, and stays as it was", async () => {
    const event = await service.createEvent({ capacity: 5, max_quantity: 3 });
    await service.hold(event.id, "ada", 3);
    const before = await service.readEvent(event.id);
    const refused = await change(event.id, { capacity: 2, name: "Smaller" });
    expect(refused).toMatchObject({ status: 409, body: { code: "capacity_too_low", held_and_sold: 3 } });
    expect(await service.readEvent(event.id)).toEqual(before);
  });

  test("refuses an end of sales that is not after the start which it keeps", async () => {
    const event = await service.createEvent({ sales_start_at: "2030-01-01T00:00:00Z" });
    const refused = await change(event.id, { sales_end_at: "2029-01-01T00:00:00Z" });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/sales_end_at" }] } });
  });

  test("leaves an audit entry with the key that asked", async () => {
    const event = await service.createEvent();
    await change(event.id, { capacity: 11 });
    const audits = await service.database.query(
      `select action, actor, reason from event_audits where event_id = $1`,
      [event.id],
    );
    expect(audits).toEqual([
      { action: "changed", actor: expect.stringMatching(/^key [0-9a-f-]{36}$/), reason: null },
    ]);
  });
});

test("an event that does not exist is answered 404 by every call, whatever the form of its id", async () => {
  for (const id of ["00000000-0000-7000-8000-000000000000", "1", "not-an-id", "%00"]) {
    const found = await service.send("get", `/v1/events/${id}`);
    expect(found).toMatchObject({ status: 404, body: { code: "event_not_found" } });
    expect(await change(id, { capacity: 1 })).toMatchObject({
      status: 404,
      body: { code: "event_not_found" },
    });
  }
});

test("the id of an event is found in capital letters too", async () => {
  const event = await service.createEvent();
  expect(await service.readEvent(event.id.toUpperCase())).toEqual(event);
});
