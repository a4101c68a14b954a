import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customerCalls, freshPhone, idOf } from "../support/customer-calls.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { awaitCode } from "../support/read-outbox.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitUntilSelling } from "../support/wait-until-selling.ts";

// Sign-ups without an idempotency key share transactions. None must feel what happens to another.

let database: TestDatabase;
let proxy: DatabaseProxy;
let service: TestService;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await DatabaseProxy.start(database.connectionString);
  service = await openTestService({ database, connectionString: proxy.connectionString });
  calls = customerCalls(service);
});
afterAll(async () => {
  await service.close();
  await proxy.close();
  await database.close();
});

test("sign-ups at once each get their own customer and their own code, in few transactions", async () => {
  const phones = Array.from({ length: 40 }, () => freshPhone());
  const answers = await Promise.all(phones.map((phone) => calls.signUp(phone)));
  for (const [index, answer] of answers.entries())
    expect(answer).toMatchObject({ status: 201, body: { customer: { phone_number: phones[index] } } });
  expect(new Set(answers.map(idOf)).size).toBe(40);
  const rows = await database.query(
    "select count(distinct xmin::text) as transactions from customers where phone_number = any($1)",
    [phones],
  );
  expect(Number(rows[0]?.["transactions"])).toBeLessThan(20);
  for (const [index, phone] of phones.slice(0, 5).entries()) {
    const id = idOf(answers[index] as (typeof answers)[number]);
    const code = await awaitCode(service.dataDir, phone);
    expect(await calls.verify(id, code)).toMatchObject({ body: { result: "verified" } });
  }
});

test("one that is refused or repeated leaves the others as they are", async () => {
  const full = freshPhone();
  for (let count = 0; count < 5; count += 1) await calls.makeCustomer(full);
  const [requestId, known] = [randomUUID(), freshPhone()];
  const first = await calls.signUp(known, { requestId });
  const answers = await Promise.all([
    calls.signUp(freshPhone()),
    calls.signUp(full),
    calls.signUp(known, { requestId }),
    calls.signUp(freshPhone(), { requestId }),
    calls.signUp(freshPhone()),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([201, 429, 201, 422, 201]);
  expect(answers[2]?.text).toBe(first.text);
});

test(
  "one whose phone is locked elsewhere is told to come again, and the others are signed up",
  { timeout: 20_000 },
  async () => {
    const locked = freshPhone();
    const other = await database.connect();
    await other.query("begin");
    await other.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`phone ${locked}`]);
    const answers = await Promise.all(
      [freshPhone(), locked, freshPhone()].map((phone) => calls.signUp(phone)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 503, 201]);
    await other.query("rollback");
    expect(await calls.signUp(locked)).toMatchObject({ status: 201 });
  },
);

test(
  "a commit that is not answered is read back for everybody who shared it",
  { timeout: 20_000 },
  async () => {
    const phones = Array.from({ length: 6 }, () => freshPhone());
    proxy.set("lose_commit_answer");
    const answers = await Promise.all(
      phones.map((phone) => calls.signUp(phone, { requestId: `lost ${phone}` })),
    );
    proxy.set("pass");
    await waitUntilSelling(service);
    // Whether it was this commit that was lost or another one beside it: nobody is told what is not so.
    const again = await Promise.all(
      phones.map((phone) => calls.signUp(phone, { requestId: `lost ${phone}` })),
    );
    for (const [index, answer] of answers.entries()) {
      expect([201, 503]).toContain(answer.status);
      expect(again[index]).toMatchObject({ status: 201 });
    }
    const rows = await database.query(
      "select count(*) as codes from verifications where phone_number = any($1)",
      [phones],
    );
    expect(Number(rows[0]?.["codes"])).toBe(6);
  },
);

test("while the database is away they are told so", async () => {
  proxy.set("cut");
  const answers = await Promise.all([calls.signUp(freshPhone()), calls.signUp(freshPhone())]);
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
  proxy.set("pass");
  await waitUntilSelling(service);
});
