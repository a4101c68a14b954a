import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService({
    rateLimits: { anonymousMax: 5, buyerMax: 3, signupMax: 4 },
  });
});
afterAll(() => service.close());

describe("a client over its rate", () => {
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
});
