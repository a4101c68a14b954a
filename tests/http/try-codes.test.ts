import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerCalls, freshPhone } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { age } from "../support/move-verifications.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode, otherCode } from "../support/read-outbox.ts";

let service: TestService;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  service = await openTestService();
  calls = customerCalls(service);
});
afterAll(() => service.close());

async function begin() {
  const phone = freshPhone();
  const id = await calls.makeCustomer(phone);
  return { phone, id, code: await awaitCode(service.dataDir, phone) };
}

async function rowOf(id: string) {
  const [row] = await service.database.query(
    `select status, cardinality(wrong_attempts_at) as wrong, ended_at is not null as ended
     from verifications where customer_id = $1 order by created_at desc limit 1`,
    [id],
  );
  return row;
}

describe("a code that is tried", () => {
  test("with its attempts used up is helped by nothing but a new one", async () => {
    const { id, phone, code } = await begin();
    for (let index = 1; index <= 3; index += 1) await calls.verify(id, otherCode(code, index));
    await age(service.database, phone, 31);
    expect(await calls.verify(id, code)).toMatchObject({ body: { result: "max_attempts_reached" } });
    expect(await calls.resend(id)).toMatchObject({ status: 202 });
    const next = await awaitCode(service.dataDir, phone, 2);
    expect(await calls.verify(id, next)).toMatchObject({
      body: { result: "verified", attempts_left: 3, user_id: id },
    });
  });

  test("under an idempotency key gives the same token again, which is kept sealed", async () => {
    const { id, code } = await begin();
    const first = await calls.verify(id, code, { idempotencyKey: "the key" });
    const again = await calls.verify(id, code, { idempotencyKey: "the key" });
    expect(again).toMatchObject({
      status: 200,
      text: first.text,
      headers: { "idempotent-replayed": "true" },
    });
    const other = await calls.verify(id, otherCode(code), { idempotencyKey: "the key" });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    const token = String(first.body["buyer_token"]);
    const kept = await service.database.query("select body from idempotency_records");
    expect(kept.length).toBeGreaterThan(0);
    for (const { body } of kept) expect(String(body)).not.toContain(token);
  });

  test("wrong under an idempotency key counts once, however often it is sent", async () => {
    const { id, code } = await begin();
    const send = () => calls.verify(id, otherCode(code), { idempotencyKey: `wrong ${id}` });
    for (let count = 0; count < 4; count += 1)
      expect(await send()).toMatchObject({ body: { result: "incorrect", attempts_left: 2 } });
    expect(await rowOf(id)).toMatchObject({ wrong: 1 });
  });

  test.each([["12345"], ["1234567"], ["12345a"], [" 12345"], ["１２３４５６"], [""], ["-12345"]])(
    "as %j is refused, and nothing is counted",
    async (text) => {
      const { id } = await begin();
      const answer = await expectNoEffect(service.database, () => calls.verify(id, text));
      expect(answer).toMatchObject({
        status: 422,
        body: { code: "validation_failed", errors: [{ pointer: "/verification_code" }] },
      });
    },
  );

  test("is kept nowhere", async () => {
    const { id, code } = await begin();
    const tables = await service.database.query(
      `select (select jsonb_agg(to_jsonb(v))::text from verifications v where customer_id = $1)
         || (select coalesce(jsonb_agg(to_jsonb(j))::text, '') from pgboss.job j) as everything`,
      [id],
    );
    expect(String(tables[0]?.["everything"])).not.toContain(`"${code}"`);
  });
});

describe("of a customer that there is not", () => {
  const nobody = "0198c0de-0000-7000-8000-000000000001";

  test.each([
    ["verify", () => calls.verify(nobody, "123456")],
    ["verify with a key", () => calls.verify(nobody, "123456", { idempotencyKey: "nobody" })],
    ["resend", () => calls.resend(nobody)],
    ["find", () => calls.find(nobody)],
    ["an id that is none", () => calls.verify("ada", "123456")],
  ])("%s is answered with 404, and nothing changes", async (_what, call) => {
    const answer = await expectNoEffect(service.database, call);
    expect(answer).toMatchObject({ status: 404, body: { code: "customer_not_found" } });
  });
});
