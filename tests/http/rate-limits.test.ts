import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService({
    rateLimits: { anonymousMax: 5, buyerMax: 3, signupMax: 4 },
    trustedProxies: ["127.0.0.0/8"],
  });
});
afterAll(() => service.close());

const listFrom = (address: string) =>
  service.send("get", "/v1/events", { headers: { "x-forwarded-for": address } });

describe("a client over its rate", () => {
  test("is told when to come back, and gets nothing done until then", async () => {
    const event = await service.createEvent();
    const as = await service.makeBuyerToken("ada");
    const within = [];
    for (let count = 0; count < 3; count += 1) {
      within.push(await service.askForHold(event.id, "ada", { as, idempotencyKey: `k${count}` }));
    }
    expect(within.map(({ status }) => status)).toEqual([201, 409, 409]);
    expect(within[0]?.headers).toMatchObject({
      "ratelimit-policy": '"buyer";q=3;w=10',
      ratelimit: expect.stringMatching(/^"buyer";r=2;t=\d+$/),
    });
    const other = await service.createEvent();
    const refused = await expectNoEffect(service.database, () => service.askForHold(other.id, "ada", { as }));
    expect(refused).toMatchObject({
      status: 429,
      body: { code: "rate_limited" },
      headers: {
        ratelimit: expect.stringMatching(/^"buyer";r=0;/),
        "retry-after": expect.stringMatching(/^\d+$/),
      },
    });
  });

  test("does not use up the rate of another user, nor of the same user's shop", async () => {
    const event = await service.createEvent();
    const [cyd, dan] = [await service.makeBuyerToken("cyd"), await service.makeBuyerToken("dan")];
    for (let count = 0; count < 5; count += 1) await service.askForHold(event.id, "cyd", { as: cyd });
    expect(await service.askForHold(event.id, "cyd", { as: cyd })).toMatchObject({ status: 429 });
    expect(await service.askForHold(event.id, "dan", { as: dan })).toMatchObject({ status: 201 });
    for (let count = 0; count < 20; count += 1) {
      expect(await service.askForHold(event.id, `user ${count}`)).not.toMatchObject({ status: 429 });
    }
  });

  test("is counted alike for carts and orders", async () => {
    const event = await service.createEvent();
    const as = await service.makeBuyerToken("eve");
    const { put, find, checkOut } = cartCalls(service);
    const id = randomUUID();
    const answers = [
      await put(id, event.id, { as, userId: "eve" }),
      await find(id, { as }),
      await service.send("get", "/v1/orders", { as }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await expectNoEffect(service.database, () => checkOut(id, { as }));
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  });

  test("is counted by the address that a trusted proxy names", async () => {
    for (let count = 0; count < 5; count += 1)
      expect(await listFrom("203.0.113.1")).toMatchObject({ status: 200 });
    expect(await listFrom("203.0.113.1")).toMatchObject({ status: 429 });
    expect(await listFrom("203.0.113.2")).toMatchObject({ status: 200 });
  });
});

test("X-Forwarded-For is not believed from anyone but a trusted proxy", async () => {
  const strict = await openTestService({ rateLimits: { anonymousMax: 5, buyerMax: 3, signupMax: 4 } });
  try {
    const statuses = [];
    for (let count = 0; count < 6; count += 1) {
      const headers = { "x-forwarded-for": `203.0.113.${count}` };
      statuses.push((await strict.send("get", "/v1/events", { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  } finally {
    await strict.close();
  }
});
