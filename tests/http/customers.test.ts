import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerCalls, freshPhone, idOf } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode, otherCode, readSms } from "../support/read-outbox.ts";

let service: TestService;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  service = await openTestService();
  calls = customerCalls(service);
});
afterAll(() => service.close());

const codeOf = (phone: string, count?: number) => awaitCode(service.dataDir, phone, count);

describe("the way of a customer", () => {
  test("leads from a sign-up by SMS to a buyer token that works", async () => {
    const phone = freshPhone();
    const made = await calls.signUp(phone);
    const id = idOf(made);
    expect(made).toMatchObject({
      status: 201,
      body: {
        customer: { first_name: "Ada", last_name: "Lovelace", email: "ada@example.org", phone_number: phone },
        verification: { status: "pending", attempts_left: 3 },
      },
    });
    const { expires_at } = made.body["verification"] as { expires_at: string };
    const { created_at } = made.body["customer"] as { created_at: string };
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(120_000);

    const code = await codeOf(phone);
    expect(await calls.verify(id, otherCode(code))).toMatchObject({
      status: 200,
      body: { result: "incorrect", attempts_left: 2 },
    });
    const verified = await calls.verify(id, code);
    expect(verified).toMatchObject({
      status: 200,
      body: { result: "verified", attempts_left: 2, user_id: id, buyer_token: expect.any(String) },
    });
    expect(await calls.find(id)).toMatchObject({ body: { verification: { status: "verified" } } });

    const event = await service.createEvent();
    const as = String(verified.body["buyer_token"]);
    expect(await service.askForHold(event.id, id, { as })).toMatchObject({ status: 201 });
    expect(await service.askForHold(event.id, "another", { as })).toMatchObject({ status: 403 });
    expect(await calls.find(id, { as })).toMatchObject({ status: 200 });
    const sent = (await readSms(service.dataDir)).filter(({ to }) => to === phone);
    expect(sent).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        to: phone,
        text: `${code} is your verification code. It is valid for 2 minutes.`,
        at: expect.any(String),
      },
    ]);
  });

  test("begins once for each request id, however often it is sent", async () => {
    const [phone, requestId] = [freshPhone(), randomUUID()];
    const first = await calls.signUp(phone, { requestId });
    const others = await Promise.all(Array.from({ length: 50 }, () => calls.signUp(phone, { requestId })));
    for (const answer of others) expect(answer).toMatchObject({ status: 201, text: first.text });
    await codeOf(phone);
    const rows = await service.database.query("select 1 from verifications where phone_number = $1", [phone]);
    expect(rows).toHaveLength(1);
  });
});
