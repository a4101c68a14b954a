import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let ada: string;

beforeAll(async () => {
  service = await openTestService();
  ada = await service.makeBuyerToken("ada");
});
afterAll(() => service.close());

const read = (id: string, as: string) => service.send("get", `/v1/reservations/${id}`, { as });

describe("a buyer with a token", () => {
  test("holds for their own user and reads it back", async () => {
    const event = await service.createEvent();
    const held = await service.askForHold(event.id, "ada", { as: ada });
    expect(held).toMatchObject({ status: 201, body: { user_id: "ada" } });
    expect(await read(String(held.body["id"]), ada)).toMatchObject({ status: 200, body: held.body });
  });

  test("cannot hold for another user", async () => {
    const event = await service.createEvent();
    const refused = await service.askForHold(event.id, "bob", { as: ada });
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10 });
  });

  test("confirms, extends and cancels their own hold on a free event", async () => {
    const event = await service.createEvent({ price_cents: 0 });
    const first = await service.hold(event.id, "ada");
    expect(await service.change(first.id, "extend", { as: ada })).toMatchObject({ status: 200 });
    const cancelled = await service.change(first.id, "cancel", { as: ada });
    expect(cancelled).toMatchObject({
      status: 200,
      body: { status: "cancelled", cause: "cancelled_by_buyer" },
    });
    const second = await service.hold(event.id, "ada");
    expect(await service.change(second.id, "confirm", { as: ada })).toMatchObject({ status: 200 });
  });

  test("cannot confirm where there is a price: that needs a checkout", async () => {
    const event = await service.createEvent({ price_cents: 1 });
    const { id } = await service.hold(event.id, "ada");
    const refused = await service.change(id, "confirm", { as: ada });
    expect(refused).toMatchObject({ status: 402, body: { code: "payment_required" } });
    expect(await service.readEvent(event.id)).toMatchObject({ held: 1, sold: 0 });
    expect(await service.change(id, "confirm")).toMatchObject({ status: 200 });
  });

  test("cannot cancel what is confirmed", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    await service.change(id, "confirm", { as: ada });
    expect(await service.change(id, "cancel", { as: ada })).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ sold: 1 });
  });
});

describe("a token that is no longer good", () => {
  test("stops working at its end, by the database's time, even where it has been seen before", async () => {
    const event = await service.createEvent();
    const { clock } = service.services;
    const token = await service.makeBuyerToken("cyd");
    expect(await service.askForHold(event.id, "cyd", { as: token })).toMatchObject({ status: 201 });
    const later = clock.nowMs() + 3_601_000;
    clock.observe(later);
    try {
      expect(await read(randomUUID(), token)).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    } finally {
      clock.observe(later - 3_601_000);
    }
  });
});

describe("demo mode", () => {
  test("gives anyone a token for a fresh guest, who can buy", async () => {
    const demo = await openTestService({ database: service.database, demo: true });
    try {
      const tokens = await Promise.all([1, 2].map(() => demo.send("post", "/v1/buyer-tokens")));
      const guests = tokens.map(({ body }) => String(body["user_id"]));
      expect(guests[0]).toMatch(/^guest_/);
      expect(guests[0]).not.toBe(guests[1]);
      const event = await demo.createEvent();
      const as = String(tokens[0]?.body["buyer_token"]);
      expect(await demo.askForHold(event.id, guests[0] ?? "", { as })).toMatchObject({ status: 201 });
      const named = await demo.send("post", "/v1/buyer-tokens", { body: { user_id: "ada" } });
      expect(named).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    } finally {
      await demo.close();
    }
  });

  test("is off otherwise: nobody without a key gets a token", async () => {
    expect(await service.send("post", "/v1/buyer-tokens")).toMatchObject({ status: 401 });
  });
});
