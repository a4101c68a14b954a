import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerCalls, freshPhone } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { age } from "../support/move-verifications.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode } from "../support/read-outbox.ts";

let service: TestService;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  service = await openTestService();
  calls = customerCalls(service);
});
afterAll(() => service.close());

const countCodes = async (phone: string) => {
  const rows = await service.database.query("select 1 from verifications where phone_number = $1", [phone]);
  return rows.length;
};

describe("a new code", () => {
  test("is not sent before half a minute has gone by, and then is", async () => {
    const phone = freshPhone();
    const id = await calls.makeCustomer(phone);
    await awaitCode(service.dataDir, phone);
    const refused = await expectNoEffect(service.database, () => calls.resend(id));
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    const seconds = Number(refused.headers["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(30);
    await age(service.database, phone, 30);
    expect(await calls.resend(id)).toMatchObject({ status: 202 });
    await awaitCode(service.dataDir, phone, 2);
  });

  test("under one idempotency key is sent once, and a refusal is not kept", async () => {
    const phone = freshPhone();
    const id = await calls.makeCustomer(phone);
    const resend = () => calls.resend(id, { idempotencyKey: `resend ${id}` });
    expect(await resend()).toMatchObject({ status: 429 });
    await age(service.database, phone, 31);
    const sent = await resend();
    expect(sent).toMatchObject({ status: 202 });
    expect(await resend()).toMatchObject({ status: 202, text: sent.text });
    expect(await countCodes(phone)).toBe(2);
  });
});

describe("one phone", () => {
  test("is sent five codes in an hour, whoever signs up with it", async () => {
    const phone = freshPhone();
    const second = await openTestService({ database: service.database });
    const both = [calls, customerCalls(second)];
    const answers = await Promise.all(
      Array.from({ length: 10 }).flatMap(() => both.map(({ signUp }) => signUp(phone))),
    );
    await second.close();
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(15);
    for (const { headers } of refused) {
      const seconds = Number(headers["retry-after"]);
      expect(seconds).toBeGreaterThan(3_500);
      expect(seconds).toBeLessThanOrEqual(3_600);
    }
    expect(await countCodes(phone)).toBe(5);
    const other = await calls.signUp(freshPhone());
    expect(other).toMatchObject({ status: 201 });
    await age(service.database, phone, 3_600);
    expect(await calls.signUp(phone)).toMatchObject({ status: 201 });
  });

  test("is counted over sign-ups and new codes together", async () => {
    const phone = freshPhone();
    const ids = [];
    for (let count = 0; count < 4; count += 1) ids.push(await calls.makeCustomer(phone));
    await age(service.database, phone, 31);
    const answers = await Promise.all(ids.map((id) => calls.resend(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 429, 429, 429]);
    expect(await countCodes(phone)).toBe(5);
  });

  test("that has had its codes still answers a sign-up that is repeated", async () => {
    const phone = freshPhone();
    const first = await calls.signUp(phone, { requestId: "the first" });
    for (let count = 0; count < 4; count += 1) await calls.makeCustomer(phone);
    expect(await calls.signUp(phone)).toMatchObject({ status: 429 });
    expect(await calls.signUp(phone, { requestId: "the first" })).toMatchObject({
      status: 201,
      text: first.text,
    });
  });

  test("is one phone however it is written", async () => {
    const phone = freshPhone();
    const written = `+1 (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8)}`;
    for (let count = 0; count < 5; count += 1)
      expect(await calls.signUp(count % 2 === 0 ? phone : written)).toMatchObject({
        status: 201,
        body: { customer: { phone_number: phone } },
      });
    expect(await calls.signUp(written)).toMatchObject({ status: 429 });
  });
});
