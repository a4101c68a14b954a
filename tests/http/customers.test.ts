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

describe("a sign-up", () => {
  test("whose request id was used for something else is refused", async () => {
    const [phone, requestId] = [freshPhone(), randomUUID()];
    await calls.signUp(phone, { requestId });
    const attempts = [
      () => calls.signUp(phone, { requestId, customer: { first_name: "Bob" } }),
      () => calls.signUp(freshPhone(), { requestId }),
    ];
    for (const attempt of attempts) {
      const refused = await expectNoEffect(service.database, attempt);
      expect(refused).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    }
  });

  test("that is repeated answers with the customer as they are now", async () => {
    const [phone, requestId] = [freshPhone(), randomUUID()];
    const id = await calls.makeCustomer(phone, { requestId });
    const code = await codeOf(phone);
    await calls.verify(id, otherCode(code));
    const again = await calls.signUp(phone, { requestId });
    expect(again).toMatchObject({
      status: 201,
      body: { customer: { id }, verification: { status: "pending", attempts_left: 2 } },
    });
    await calls.verify(id, code);
    expect(await calls.signUp(phone, { requestId })).toMatchObject({
      body: { customer: { id }, verification: { status: "verified" } },
    });
  });

  test("has a request id and an idempotency key of each caller's own", async () => {
    const [phone, requestId] = [freshPhone(), randomUUID()];
    const keyed = { requestId, idempotencyKey: randomUUID() };
    const first = await calls.signUp(phone, keyed);
    const replay = await calls.signUp(phone, keyed);
    expect(replay).toMatchObject({
      status: 201,
      text: first.text,
      headers: { "idempotent-replayed": "true" },
    });
    const another = await calls.signUp(phone, { ...keyed, as: service.keys.admin });
    expect(idOf(another)).not.toBe(idOf(first));
    // Another key, the same sign-up: nothing new either.
    expect(idOf(await calls.signUp(phone, { requestId, idempotencyKey: randomUUID() }))).toBe(idOf(first));
  });

  test.each([
    ["a phone that is none", { phone_number: "hello" }, "/customer/phone_number"],
    ["a phone without a country", { phone_number: "415 555 0132" }, "/customer/phone_number"],
    ["a phone at a premium rate", { phone_number: "+1 900 555 0132" }, "/customer/phone_number"],
    ["a phone that does not exist", { phone_number: "+1 555 555 0132" }, "/customer/phone_number"],
    [
      "a phone that is too long",
      { phone_number: `+1 415 555 0132${" ".repeat(50)}` },
      "/customer/phone_number",
    ],
    ["an e-mail address that is none", { email: "ada" }, "/customer/email"],
    ["an empty name", { first_name: "" }, "/customer/first_name"],
    ["a name that is too long", { last_name: "x".repeat(101) }, "/customer/last_name"],
    ["a name that cannot be shown", { last_name: "a\u0000b" }, "/customer/last_name"],
    ["a status of its own", { verified_at: "2030-01-01T00:00:00.000Z" }, "/customer/verified_at"],
  ])("with %s is refused, and nothing changes", async (_what, customer, pointer) => {
    const refused = await expectNoEffect(service.database, () => calls.signUp(freshPhone(), { customer }));
    expect(refused).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    expect(refused.body["errors"]).toEqual([expect.objectContaining({ pointer })]);
  });

  test(
    "that a lock keeps waiting is told to come again, and leaves nothing",
    { timeout: 20_000 },
    async () => {
      const phone = freshPhone();
      const other = await service.database.connect();
      await other.query("begin");
      await other.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`phone ${phone}`]);
      const keyed = { idempotencyKey: randomUUID(), requestId: randomUUID() };
      for (const sent of [{}, keyed]) {
        const refused = await expectNoEffect(service.database, () => calls.signUp(phone, sent));
        expect(refused).toMatchObject({ status: 503, body: { code: "overloaded" } });
      }
      await other.query("rollback");
      expect(await calls.signUp(phone, keyed)).toMatchObject({ status: 201 });
    },
  );
});
