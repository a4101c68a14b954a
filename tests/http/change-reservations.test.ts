import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeOverdue } from "../support/move-deadline.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

const read = async (id: string) =>
  (await service.send("get", `/v1/reservations/${id}`, { as: service.keys.observer })).body;

describe("confirm", () => {
  test("turns a hold into a sale", async () => {
    const event = await service.createEvent({ capacity: 10, max_quantity: 2 });
    const held = await service.hold(event.id, "ada", 2);
    const confirmed = await service.change(held.id, "confirm");
    expect(confirmed).toMatchObject({
      status: 200,
      body: { ...held, status: "confirmed", confirmed_at: expect.any(String) },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 8, held: 0, sold: 2 });
  });

  test("gives the same 200 when it is sent again, and sells once", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    const first = await service.change(id, "confirm");
    const again = await service.change(id, "confirm");
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(await service.readEvent(event.id)).toMatchObject({ sold: 1, version: 3 });
  });

  test("comes too late for a hold past its deadline, or one that was cancelled", async () => {
    const event = await service.createEvent();
    const overdue = await service.hold(event.id, "ada");
    await makeOverdue(service.database, overdue.id);
    expect(await service.change(overdue.id, "confirm")).toMatchObject({
      status: 410,
      body: { code: "hold_expired" },
    });
    const cancelled = await service.hold(event.id, "bob");
    await service.change(cancelled.id, "cancel");
    const refused = await service.change(cancelled.id, "confirm");
    expect(refused).toMatchObject({
      status: 410,
      body: { code: "hold_expired", detail: expect.stringContaining("cancelled") },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0, sold: 0 });
  });
});

describe("extend", () => {
  test("gives a hold one more whole period, as often as the event allows", async () => {
    const event = await service.createEvent({ hold_seconds: 60, max_extensions: 2 });
    const held = await service.hold(event.id, "ada");
    const laterBy = async () => {
      const { status, body } = await service.change(held.id, "extend");
      return { status, laterByMs: Date.parse(String(body["expires_at"])) - Date.parse(held.expires_at) };
    };
    expect(await laterBy()).toEqual({ status: 200, laterByMs: 60_000 });
    expect(await laterBy()).toEqual({ status: 200, laterByMs: 120_000 });
    expect(await service.change(held.id, "extend")).toMatchObject({
      status: 409,
      body: { code: "extension_limit" },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 9, held: 1 });
  });

  test("is refused for a hold that has ended and for a reservation that is confirmed", async () => {
    const event = await service.createEvent();
    const overdue = await service.hold(event.id, "ada");
    await makeOverdue(service.database, overdue.id);
    expect(await service.change(overdue.id, "extend")).toMatchObject({
      status: 410,
      body: { code: "hold_expired" },
    });
    const confirmed = await service.hold(event.id, "bob");
    await service.change(confirmed.id, "confirm");
    const refused = await service.change(confirmed.id, "extend");
    expect(refused).toMatchObject({ status: 409, body: { code: "already_confirmed" } });
  });
});

describe("cancel", () => {
  test("returns the tickets of a hold once, however often it is sent", async () => {
    const event = await service.createEvent({ max_quantity: 3 });
    const { id } = await service.hold(event.id, "ada", 3);
    const first = await service.change(id, "cancel");
    expect(first).toMatchObject({
      status: 200,
      body: { status: "cancelled", cause: "cancelled_by_service" },
    });
    expect(await service.change(id, "cancel")).toMatchObject({ status: 200, text: first.text });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0, sold: 0, version: 3 });
  });

  test("returns the tickets of a sale when the shop asks", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "confirm");
    expect(await service.change(id, "cancel")).toMatchObject({ status: 200, body: { status: "cancelled" } });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 1, sold: 0 });
  });

  test("leaves a hold that has expired as expired", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await makeOverdue(service.database, id);
    expect(await service.change(id, "cancel")).toMatchObject({ status: 200, body: { status: "expired" } });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
  });
});

describe("a reservation", () => {
  test("tells its whole history, step by step", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "extend");
    await service.change(id, "confirm");
    await service.change(id, "cancel");
    const { history, ...reservation } = await read(id);
    const at = expect.any(String);
    expect(history).toEqual([
      { status: "held", at, cause: "requested" },
      { status: "held", at, cause: "extended" },
      { status: "confirmed", at, cause: "confirmed" },
      { status: "cancelled", at: reservation["released_at"], cause: "cancelled_by_service" },
    ]);
    const times = (history as { at: string }[]).map((step) => step.at);
    expect(times).toEqual([...times].sort());
  });

  test("that does not exist is 404 for every call, whatever its id", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    const ofSameEvent = `00000000-0000-7000-8000-0000${id.slice(28)}`;
    for (const missing of [
      "00000000-0000-7000-8000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
      ofSameEvent,
      "x",
    ]) {
      for (const change of ["confirm", "extend", "cancel"] as const) {
        const answer = await service.change(missing, change);
        expect(answer).toMatchObject({ status: 404, body: { code: "reservation_not_found" } });
      }
      expect(await read(missing)).toMatchObject({ code: "reservation_not_found" });
    }
  });

  test("is found in capital letters, by a service that has never seen its event", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    const other = await openTestService({ database: service.database });
    try {
      const found = await other.send("get", `/v1/reservations/${id.toUpperCase()}`, {
        as: other.keys.service,
      });
      expect(found).toMatchObject({ status: 200, body: { id, user_id: "ada" } });
    } finally {
      await other.close();
    }
  });

  test("that expires by itself says so, and its stock is free", async () => {
    const event = await service.createEvent({ capacity: 1, hold_seconds: 1 });
    const { id, expires_at } = await service.hold(event.id, "ada");
    await expect
      .poll(() => read(id), { timeout: 10_000, interval: 50 })
      .toMatchObject({
        status: "expired",
        cause: "deadline_passed",
        expires_at,
      });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 1, held: 0, status: "on_sale" });
  });
});
