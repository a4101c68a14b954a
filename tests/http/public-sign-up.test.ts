import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerCalls, freshPhone, idOf } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { age } from "../support/move-verifications.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode } from "../support/read-outbox.ts";

let service: TestService;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  service = await openTestService({
    publicSignup: true,
    rateLimits: { anonymousMax: 1_000, buyerMax: 1_000, signupMax: 4 },
    trustedProxies: ["127.0.0.0/8"],
  });
  calls = customerCalls(service);
});
afterAll(() => service.close());

let addressesGiven = 0;
/** Sends without a key, from an address of its own. */
function fromElsewhere() {
  addressesGiven += 1;
  return { anonymous: true, headers: { "x-forwarded-for": `203.0.113.${addressesGiven}` } };
}

describe("where sign-up is public", () => {
  test("a stranger signs up, verifies and is seen by strangers no more", async () => {
    const [phone, sent] = [freshPhone(), fromElsewhere()];
    const id = await calls.makeCustomer(phone, sent);
    expect(await calls.find(id, sent)).toMatchObject({
      status: 200,
      body: { verification: { status: "pending" } },
    });
    const verified = await calls.verify(id, await awaitCode(service.dataDir, phone), sent);
    expect(verified).toMatchObject({ status: 200, body: { result: "verified", user_id: id } });
    expect(await calls.find(id, sent)).toMatchObject({ status: 404, body: { code: "customer_not_found" } });
    const as = String(verified.body["buyer_token"]);
    expect(await calls.find(id, { as })).toMatchObject({ status: 200 });
    const another = await service.makeBuyerToken("another");
    expect(await calls.find(id, { as: another })).toMatchObject({ status: 404 });
    expect(await calls.find(id, { as: service.keys.observer })).toMatchObject({ status: 200 });
  });

  test("a customer signs in again with a new code, whatever token they have left", async () => {
    const [phone, sent] = [freshPhone(), fromElsewhere()];
    const id = await calls.makeCustomer(phone, sent);
    await calls.verify(id, await awaitCode(service.dataDir, phone), sent);
    await age(service.database, phone, 31);
    const as = await service.makeBuyerToken("a guest");
    expect(await calls.resend(id, { ...sent, anonymous: false, as })).toMatchObject({ status: 202 });
    const again = await calls.verify(id, await awaitCode(service.dataDir, phone, 2), sent);
    expect(again).toMatchObject({ body: { result: "verified", user_id: id } });
  });

  test("an address may have a few codes sent, and then has to wait; the shop need not", async () => {
    const sent = fromElsewhere();
    const first = freshPhone();
    const id = await calls.makeCustomer(first, sent);
    // Refusals of values do not count; what could have sent an SMS does.
    expect(await calls.signUp("+1 900 555 0132", sent)).toMatchObject({ status: 422 });
    expect(await calls.resend(id, sent)).toMatchObject({ status: 429 });
    for (let count = 0; count < 2; count += 1) await calls.makeCustomer(freshPhone(), sent);
    for (const call of [() => calls.signUp(freshPhone(), sent), () => calls.resend(id, sent)]) {
      const refused = await expectNoEffect(service.database, call);
      expect(refused).toMatchObject({
        status: 429,
        body: { code: "rate_limited", detail: "At most 4 requests in 600 seconds." },
        headers: { "ratelimit-policy": '"signup";q=4;w=600' },
      });
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(10);
    }
    const as = await service.makeBuyerToken("a guest");
    expect(await calls.signUp(freshPhone(), { ...sent, anonymous: false, as })).toMatchObject({
      status: 429,
    });
    expect(await calls.signUp(freshPhone(), fromElsewhere())).toMatchObject({ status: 201 });
    for (let count = 0; count < 6; count += 1)
      expect(await calls.signUp(freshPhone(), { headers: sent.headers })).toMatchObject({ status: 201 });
  });

  test("a request id of one stranger says nothing to another", async () => {
    const requestId = randomUUID();
    const phone = freshPhone();
    const mine = await calls.signUp(phone, { ...fromElsewhere(), requestId });
    const theirs = await calls.signUp(phone, { ...fromElsewhere(), requestId });
    expect(theirs.status).toBe(201);
    expect(idOf(theirs)).not.toBe(idOf(mine));
  });
});

describe("where sign-up is not public", () => {
  let closed: TestService;
  let closedCalls: ReturnType<typeof customerCalls>;

  beforeAll(async () => {
    closed = await openTestService();
    closedCalls = customerCalls(closed);
  });
  afterAll(() => closed.close());

  test("strangers are refused, and a buyer has to do with themselves only", async () => {
    const phone = freshPhone();
    const id = await closedCalls.makeCustomer(phone);
    const code = await awaitCode(closed.dataDir, phone);
    const stranger = { anonymous: true };
    const guest = { as: await closed.makeBuyerToken("another") };
    const own = { as: await closed.makeBuyerToken(id) };
    const refusals = await expectNoEffect(closed.database, async () => [
      await closedCalls.signUp(freshPhone(), stranger),
      await closedCalls.verify(id, code, stranger),
      await closedCalls.resend(id, stranger),
      await closedCalls.find(id, stranger),
      await closedCalls.signUp(freshPhone(), guest),
      await closedCalls.verify(id, code, guest),
      await closedCalls.resend(id, guest),
      await closedCalls.find(id, guest),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401, 401, 403, 404, 404, 404]);
    expect(await closedCalls.find(id, own)).toMatchObject({ status: 200 });
    expect(await closedCalls.verify(id, code, own)).toMatchObject({ body: { result: "verified" } });
  });
});
