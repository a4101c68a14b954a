import { afterAll, beforeAll, expect, test } from "vitest";
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

const countCodes = async (phone: string) => {
  const rows = await service.database.query("select 1 from verifications where phone_number = $1", [phone]);
  return rows.length;
};

test("(6) the 4th wrong code is told max_attempts_reached and changes nothing, and so is the right one", async () => {
  const { id, code } = await begin();
  const results = [];
  for (const guess of [otherCode(code, 1), otherCode(code, 2), otherCode(code, 3)])
    results.push(await calls.verify(id, guess));
  for (const guess of [otherCode(code, 4), code])
    results.push(await expectNoEffect(service.database, () => calls.verify(id, guess)));
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

test("(7) a right code several times in parallel is right once", async () => {
  const { id, code } = await begin();
  const answers = await Promise.all(Array.from({ length: 8 }, () => calls.verify(id, code)));
  expect(answers.map(resultOf).sort()).toEqual([...Array(7).fill("expired"), "verified"]);
  expect(answers.filter(({ body }) => "buyer_token" in body)).toHaveLength(1);
});

test("(8) a code after its deadline is expired, and costs nothing", async () => {
  const { id, phone, code } = await begin();
  await age(service.database, phone, 120);
  for (const guess of [otherCode(code), code]) {
    const answer = await expectNoEffect(service.database, () => calls.verify(id, guess));
    expect(answer).toMatchObject({ status: 200, body: { result: "expired", attempts_left: 3 } });
  }
  expect(await calls.find(id)).toMatchObject({ body: { verification: { status: "expired" } } });
});

test("(8) a code that another took the place of is expired, and the new one still has all its attempts", async () => {
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

test("(9) 200 parallel guesses are looked at three times at most", async () => {
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

test("(10) a flood of requests for a new code sends one, and the rest is told to wait", async () => {
  const phone = freshPhone();
  const id = await calls.makeCustomer(phone);
  await age(service.database, phone, 31);
  const second = await openTestService({ database: service.database });
  const both = [calls, customerCalls(second)];
  const answers = await Promise.all(
    Array.from({ length: 15 }).flatMap(() => both.map(({ resend }) => resend(id))),
  );
  await second.close();
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(29);
  expect(await countCodes(phone)).toBe(2);
});
