import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customerCalls, freshPhone } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { age } from "../support/move-verifications.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode, otherCode } from "../support/read-outbox.ts";
import { waitFor } from "../support/wait-for.ts";

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

/** How many connections wait for a lock. */
async function countWaiting(): Promise<number> {
  const rows = await service.database.query(
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length;
}

const resultOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) => body["result"];

describe("a code that is tried", () => {
  test("too often is used up: the third wrong one says so, and the right one comes too late", async () => {
    const { id, code } = await begin();
    const results = [];
    for (const guess of [
      otherCode(code, 1),
      otherCode(code, 2),
      otherCode(code, 3),
      otherCode(code, 4),
      code,
    ])
      results.push(await calls.verify(id, guess));
    expect(results.map(({ status, body }) => [status, body])).toEqual([
      [200, { result: "incorrect", attempts_left: 2 }],
      [200, { result: "incorrect", attempts_left: 1 }],
      [200, { result: "max_attempts_reached", attempts_left: 0 }],
      [200, { result: "max_attempts_reached", attempts_left: 0 }],
      [200, { result: "max_attempts_reached", attempts_left: 0 }],
    ]);
    expect(await rowOf(id)).toEqual({ status: "exhausted", wrong: 3, ended: true });
    expect(await calls.find(id)).toMatchObject({ body: { verification: { status: "exhausted" } } });
  });

  test("right twice at once is right once", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 8 }, () => calls.verify(id, code)));
    expect(answers.map(resultOf).sort()).toEqual([...Array(7).fill("expired"), "verified"]);
    expect(answers.filter(({ body }) => "buyer_token" in body)).toHaveLength(1);
  });

  test("after its deadline is expired, and costs nothing", async () => {
    const { id, phone, code } = await begin();
    await age(service.database, phone, 120);
    for (const guess of [otherCode(code), code]) {
      const answer = await expectNoEffect(service.database, () => calls.verify(id, guess));
      expect(answer).toMatchObject({ status: 200, body: { result: "expired", attempts_left: 3 } });
    }
    expect(await calls.find(id)).toMatchObject({ body: { verification: { status: "expired" } } });
  });

  test("after another took its place is expired, and the new one still has all its attempts", async () => {
    const { id, phone, code } = await begin();
    await age(service.database, phone, 31);
    expect(await calls.resend(id)).toMatchObject({
      status: 202,
      body: { verification: { status: "pending", attempts_left: 3 } },
    });
    const next = await awaitCode(service.dataDir, phone, 2);
    expect(next).not.toBe(code);
    expect(await calls.verify(id, code)).toMatchObject({ body: { result: "expired", attempts_left: 3 } });
    expect(await calls.verify(id, next)).toMatchObject({ body: { result: "verified" } });
  });

  test("by 200 at once is looked at three times at most", async () => {
    const { id, code } = await begin();
    // Two processes know nothing of each other: only the row's lock is between them.
    const second = await openTestService({ database: service.database });
    const both = [calls, customerCalls(second)];
    const guesses = Array.from({ length: 200 }, (_, index) => otherCode(code, index + 1));
    const other = await service.database.connect();
    await other.query("begin");
    await other.query("select 1 from customers where id = $1 for update", [id]);
    const guessing = Promise.all(
      guesses.map((guess, index) => both[index % 2]?.verify(id, guess) ?? Promise.reject(new Error("None."))),
    );
    await waitFor("both to wait for the row", async () => (await countWaiting()) >= 2);
    await other.query("rollback");
    const answers = await guessing;
    await second.close();
    const counts = Map.groupBy(answers, resultOf);
    expect(counts.get("incorrect")).toHaveLength(2);
    // Who would have to wait for too long is sent away; all others are told.
    for (const { status, body } of counts.get(undefined) ?? [])
      expect([status, body["code"]]).toEqual([503, "overloaded"]);
    expect(counts.get("max_attempts_reached")?.length).toBeGreaterThanOrEqual(1);
    expect([...counts.keys()].filter((result) => result === "verified" || result === "expired")).toEqual([]);
    expect(await rowOf(id)).toEqual({ status: "exhausted", wrong: 3, ended: true });
  });

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
