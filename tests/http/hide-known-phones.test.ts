import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { customerCalls, freshPhone } from "../support/customer-calls.ts";
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
afterEach(() => void vi.restoreAllMocks());

const codeOf = (phone: string, count: number) => awaitCode(service.dataDir, phone, count);

/** Signs up with the phone and verifies it. @returns the customer */
async function verifyPhone(phone: string, codesBefore = 0): Promise<string> {
  const id = await calls.makeCustomer(phone);
  const verified = await calls.verify(id, await codeOf(phone, codesBefore + 1));
  expect(verified).toMatchObject({ body: { result: "verified" } });
  return id;
}

/** The statements of the transaction that a sign-up is, with their values left out. */
async function statementsOf(signUp: () => Promise<unknown>): Promise<string[]> {
  const byClient = new Map<unknown, string[]>();
  const { query } = pg.Client.prototype as unknown as { query: (...values: unknown[]) => unknown };
  const spy = vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: unknown,
    ...values: unknown[]
  ) {
    const [asked] = values;
    const text = typeof asked === "string" ? asked : String((asked as { text?: string } | null)?.text);
    byClient.set(this, [...(byClient.get(this) ?? []), text.replaceAll(/\s+/g, " ")]);
    return query.apply(this, values);
  } as never);
  await signUp();
  spy.mockRestore();
  const statements = [...byClient.values()].find((texts) => texts.some((text) => text.includes("advisory")));
  const end = statements?.indexOf("commit") ?? -1;
  const start = statements?.lastIndexOf("begin", end) ?? -1;
  if (statements === undefined || start < 0) throw new Error("The sign-up sent no statements.");
  return statements.slice(start, end + 1);
}

/** An answer without what differs between any two. */
function shapeOf({ status, body, headers }: Awaited<ReturnType<typeof calls.signUp>>) {
  const { verification } = body as { verification: object; customer: object };
  return {
    status,
    members: Object.keys(body["customer"] as object),
    verification: { ...verification, expires_at: null },
    headers: Object.keys(headers).sort(),
    length: headers["content-length"],
  };
}

describe("whether a phone belongs to an account", () => {
  test("is not told by the answer to a sign-up, nor by what it does", async () => {
    const [known, unknown] = [freshPhone(), freshPhone()];
    await verifyPhone(known);
    const answers: Awaited<ReturnType<typeof calls.signUp>>[] = [];
    const statements = [];
    for (const phone of [known, unknown])
      statements.push(await statementsOf(async () => answers.push(await calls.signUp(phone))));
    expect(statements[0]?.length).toBeGreaterThan(4);
    expect(statements[0]).toEqual(statements[1]);
    const [first, second] = answers.map(shapeOf);
    expect(first).toEqual(second);
  });

  test("is not told by the limits either: both are sent as many codes", async () => {
    const [known, unknown] = [freshPhone(), freshPhone()];
    await verifyPhone(known);
    await calls.makeCustomer(unknown);
    const statuses = [];
    for (const phone of [known, unknown]) {
      const its = [];
      for (let count = 0; count < 5; count += 1) its.push((await calls.signUp(phone)).status);
      statuses.push(its);
    }
    expect(statuses).toEqual([
      [201, 201, 201, 201, 429],
      [201, 201, 201, 201, 429],
    ]);
  });
});

describe("a phone", () => {
  test("leads everybody who verifies it to one account", async () => {
    const phone = freshPhone();
    const first = await verifyPhone(phone);
    const second = await calls.makeCustomer(phone);
    expect(second).not.toBe(first);
    const verified = await calls.verify(second, await codeOf(phone, 2));
    expect(verified).toMatchObject({ body: { result: "verified", user_id: first } });
    const as = String(verified.body["buyer_token"]);
    expect(await calls.find(second, { as })).toMatchObject({ status: 200 });
    expect(await calls.find(first, { as })).toMatchObject({ status: 200 });
    await age(service.database, phone, 31);
    await calls.resend(second);
    expect(await calls.verify(second, await codeOf(phone, 3))).toMatchObject({
      body: { result: "verified", user_id: first },
    });
  });

  test("verified by several at once becomes one account, which all are led to", async () => {
    for (let round = 0; round < 5; round += 1) {
      const phone = freshPhone();
      const customers = [];
      for (let count = 1; count <= 4; count += 1) {
        const id = await calls.makeCustomer(phone);
        customers.push({ id, code: await codeOf(phone, count) });
      }
      const answers = await Promise.all(customers.map(({ id, code }) => calls.verify(id, code)));
      expect(answers.map(({ body }) => body["result"])).toEqual(Array(4).fill("verified"));
      const accounts = new Set(answers.map(({ body }) => body["user_id"]));
      expect(accounts.size).toBe(1);
      expect(customers.map(({ id }) => id)).toContain([...accounts][0]);
      const rows = await service.database.query(
        "select count(*) as accounts from customers where phone_number = $1 and account_id = id",
        [phone],
      );
      expect(Number(rows[0]?.["accounts"])).toBe(1);
    }
  });
});
