import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

describe("a hold", () => {
  test("takes its tickets out of the free stock until its deadline", async () => {
    const event = await service.createEvent({ capacity: 10, max_quantity: 4, hold_seconds: 90 });
    const held = await service.hold(event.id, "ada", 3);
    expect(held).toMatchObject({
      event_id: event.id,
      user_id: "ada",
      quantity: 3,
      status: "held",
      confirmed_at: null,
      released_at: null,
      cause: null,
      cart_id: null,
    });
    expect(Date.parse(held.expires_at) - Date.parse(held.created_at)).toBe(90_000);
    expect(await service.readEvent(event.id)).toMatchObject({ available: 7, held: 3, sold: 0, version: 2 });
  });

  test("is for one ticket unless the request says how many", async () => {
    const event = await service.createEvent({ max_quantity: 4 });
    const answer = await service.askForHold(event.id, "ada");
    expect(answer).toMatchObject({ status: 201, body: { quantity: 1 } });
  });

  test("is on disk when it is answered", async () => {
    const event = await service.createEvent();
    const held = await service.hold(event.id, "ada");
    const rows = await service.database.query("select user_id, status from reservations where id = $1", [
      held.id,
    ]);
    expect(rows).toEqual([{ user_id: "ada", status: "held" }]);
  });

  test("carries the time of the database, not of this process", async () => {
    const event = await service.createEvent();
    const held = await service.hold(event.id, "ada");
    const [row] = await service.database.query(
      "select created_at::text = $2::timestamptz::text as same, created_at between now() - interval '1 minute' and now() as recent from reservations where id = $1",
      [held.id, held.created_at],
    );
    expect(row).toEqual({ same: true, recent: true });
  });
});

describe("a hold is refused", () => {
  test("for an event that does not exist", async () => {
    const unknown = "00000000-0000-7000-8000-000000000000";
    expect(await service.askForHold(unknown, "ada")).toMatchObject({
      status: 404,
      body: { code: "event_not_found" },
    });
    expect(await service.askForHold("no-uuid", "ada")).toMatchObject({
      status: 404,
      body: { code: "event_not_found" },
    });
  });

  test("to a user who has one, held or confirmed, naming it", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    expect(await service.askForHold(event.id, "ada")).toMatchObject({
      status: 409,
      body: {
        code: "duplicate_reservation",
        reservation_id: id,
      },
    });
    await service.change(id, "confirm");
    expect(await service.askForHold(event.id, "ada")).toMatchObject({
      status: 409,
      body: {
        code: "duplicate_reservation",
        reservation_id: id,
      },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 9, held: 0, sold: 1 });
  });

  test("when everything is sold", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "confirm");
    expect(await service.askForHold(event.id, "bob")).toMatchObject({
      status: 409,
      body: { code: "sold_out" },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ status: "sold_out" });
  });

  test("when everything is held, with the moment when the first hold ends", async () => {
    const event = await service.createEvent({ capacity: 2, max_extensions: 1 });
    const first = await service.hold(event.id, "ada");
    const second = await service.hold(event.id, "bob");
    const nextExpiry = { code: "all_held", next_expiry_at: first.expires_at };
    expect(await service.askForHold(event.id, "cyd")).toMatchObject({ status: 409, body: nextExpiry });
    await service.change(first.id, "extend");
    expect(await service.askForHold(event.id, "cyd", { idempotencyKey: "asks the desk" })).toMatchObject({
      status: 409,
      body: {
        code: "all_held",
        next_expiry_at: second.expires_at,
      },
    });
  });

  test("when fewer are left, with how many", async () => {
    const event = await service.createEvent({ capacity: 5, max_quantity: 4 });
    await service.hold(event.id, "ada", 3);
    const refused = service.askForHold(event.id, "bob", { quantity: 4 });
    expect(await refused).toMatchObject({ status: 409, body: { code: "not_enough_left", available: 2 } });
    expect(await service.askForHold(event.id, "bob", { quantity: 2 })).toMatchObject({ status: 201 });
  });

  test("before sales start, with the moment when they do", async () => {
    const startsAt = "2040-01-01T00:00:00.000Z";
    const event = await service.createEvent({ sales_start_at: startsAt });
    const body = { code: "sales_not_started", sales_start_at: startsAt };
    expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 409, body: body });
  });

  test("after sales have ended", async () => {
    const event = await service.createEvent({ sales_end_at: "2020-01-01T00:00:00Z" });
    expect(event.status).toBe("ended");
    expect(await service.askForHold(event.id, "ada")).toMatchObject({
      status: 409,
      body: { code: "sales_ended" },
    });
  });

  test("where a verified phone is required", async () => {
    const event = await service.createEvent({ requires_verified_phone: true });
    expect(await service.askForHold(event.id, "ada")).toMatchObject({
      status: 409,
      body: { code: "phone_not_verified" },
    });
  });

  test("over the event's limit for one user", async () => {
    const event = await service.createEvent({ max_quantity: 2 });
    expect(await service.askForHold(event.id, "ada", { quantity: 3 })).toMatchObject({
      status: 422,
      body: {
        code: "validation_failed",
        errors: [{ pointer: "/quantity", detail: expect.stringContaining("2") }],
      },
    });
  });

  test("from memory as from the desk: the same problem with and without an idempotency key", async () => {
    const event = await service.createEvent({ capacity: 0 });
    const bare = await service.askForHold(event.id, "ada");
    const keyed = await service.askForHold(event.id, "ada", { idempotencyKey: "k" });
    const { request_id: _, ...fromMemory } = bare.body;
    expect(keyed).toMatchObject({ status: bare.status, body: fromMemory });
  });
});

describe("a user may hold again", () => {
  test("after cancelling", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "cancel");
    expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 201 });
  });

  test("once the deadline of the last hold has passed", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await makeOverdue(service.database, id);
    expect(await service.askForHold(event.id, "ada", { idempotencyKey: "again" })).toMatchObject({
      status: 201,
    });
    const ended = await service.send("get", `/v1/reservations/${id}`, { as: service.keys.service });
    expect(ended.body).toMatchObject({ status: "expired", cause: "deadline_passed" });
  });
});
