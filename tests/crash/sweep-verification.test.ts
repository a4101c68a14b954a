import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customerCalls, freshPhone, idOf } from "../support/customer-calls.ts";
import { type KillableSale, openKillableSale } from "../support/kill-points/killable-sale.ts";
import { sortByTables } from "../support/kill-points/sort-statements.ts";
import { type SweptCase, sweepKillPoints } from "../support/kill-points/sweep-kill-points.ts";
import { awaitCode, codeIn, otherCode, readSms } from "../support/read-outbox.ts";

// A customer signs up, is sent a code, and three wrong codes are tried. Supervisor and worker are killed at each
// statement of that. What was asked without an answer is asked again, as clients do: a sign-up under its request id, the
// first two attempts under keys of their own, and the third one plainly.

/** Without these, the sweep would not be about verifying any more. */
const mustCome = [
  "before insert into customers",
  "before insert into pgboss.job_common",
  "after the commit of lock a name",
  "after take jobs",
  "before update verifications, alone",
  "after update verifications, alone",
  "before update verifications (3.)",
  "before the commit of lock customers",
  "after the commit of lock customers",
];

let sale: KillableSale;
let calls: ReturnType<typeof customerCalls>;

beforeAll(async () => {
  sale = await openKillableSale("everything");
  calls = customerCalls({ send: sale.send, keys: { service: sale.sale.adminKey } });
}, 60_000);
afterAll(() => sale?.close());

const dataDir = () => sale.sale.settings["DATA_DIR"] ?? "";

interface Evidence {
  readonly id: string;
  readonly status: string;
  readonly wrong: number;
}

async function readVerification(customerId: string): Promise<Evidence> {
  const rows = await sale.database.query<{ id: string; status: string; wrong: number }>(
    `select id, status, cardinality(wrong_attempts_at) as wrong from verifications where customer_id = $1`,
    [customerId],
  );
  const [row] = rows;
  if (rows.length !== 1 || row === undefined) throw new Error(`There are ${rows.length} verifications.`);
  return row;
}

/** Tries a wrong code until that is answered, and holds the answer against what is on disk. */
async function tryWrong(customerId: string, wrong: string, attempt: number): Promise<void> {
  const sent = attempt < 3 ? { idempotencyKey: randomUUID() } : {};
  const { status, body } = await sale.persist(() => calls.verify(customerId, wrong, sent));
  expect({ status, ...body }).toEqual({
    status: 200,
    result: attempt < 3 ? "incorrect" : "max_attempts_reached",
    attempts_left: 3 - attempt,
  });
  // What was answered has been counted, once.
  expect(await readVerification(customerId)).toMatchObject({
    wrong: attempt,
    status: attempt < 3 ? "pending" : "exhausted",
  });
}

async function expectEndedOnce(phone: string): Promise<void> {
  const customers = await sale.database.query<{ id: string }>(
    "select id from customers where phone_number = $1",
    [phone],
  );
  expect(customers).toHaveLength(1);
  const customerId = customers[0]?.id ?? "";
  const { id, ...end } = await readVerification(customerId);
  expect(end).toEqual({ status: "exhausted", wrong: 3 });
  // However often the SMS came, it was one SMS.
  const messages = (await readSms(dataDir())).filter(({ to }) => to === phone);
  expect([...new Set(messages.map((message) => message.id))]).toEqual([id]);
  const codes = new Set(messages.map(codeIn));
  expect(codes.size).toBe(1);
  const [code = ""] = codes;
  const right = await calls.verify(customerId, code);
  expect(right.body).toEqual({ result: "max_attempts_reached", attempts_left: 0 });
}

const verificationCase: SweptCase = {
  sort: sortByTables(["customers", "verifications", "idempotency_records", "pg_advisory_xact_lock"]),
  prepare: async () => {
    const phone = freshPhone();
    const requestId = randomUUID();
    const play = async () => {
      const made = await sale.persist(() => calls.signUp(phone, { requestId }));
      expect(made.status).toBe(201);
      const customerId = idOf(made);
      await sale.until("the code to be sent", async () => {
        const { id } = await readVerification(customerId);
        return (await sale.database.query("select 1 from pgboss.job where id = $1", [id])).length === 0;
      });
      const wrong = otherCode(await awaitCode(dataDir(), phone));
      for (const attempt of [1, 2, 3]) await tryWrong(customerId, wrong, attempt);
    };
    return { play, check: () => expectEndedOnce(phone) };
  },
};

test("two wrong codes, kill -9 of everything, restart: the third wrong code ends it", async () => {
  const phone = freshPhone();
  const customerId = idOf(await calls.signUp(phone));
  const code = await awaitCode(dataDir(), phone);
  const wrong = otherCode(code);
  expect((await calls.verify(customerId, wrong)).body).toEqual({ result: "incorrect", attempts_left: 2 });
  expect((await calls.verify(customerId, wrong)).body).toEqual({ result: "incorrect", attempts_left: 1 });
  sale.kill();
  await sale.recovered();
  const end = { result: "max_attempts_reached", attempts_left: 0 };
  expect((await calls.verify(customerId, wrong)).body).toEqual(end);
  expect((await calls.verify(customerId, code)).body).toEqual(end);
});

test(
  "whenever everything is killed, three codes are tried at most, and each that was answered counts",
  { timeout: 600_000 },
  async () => {
    const report = await sweepKillPoints(verificationCase, sale.proxy, sale);
    expect(report).toMatchObject({ failures: [], missed: [] });
    expect(report.survived).toEqual(expect.arrayContaining(mustCome));
  },
);
