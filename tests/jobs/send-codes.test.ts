import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CodeBooks, sendCode } from "../../api/features/customers/send-code.ts";
import { VerificationCodes } from "../../api/features/customers/verification-codes.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { GatewaySms } from "../../api/providers/sms/gateway-sms.ts";
import { CircuitBreaker } from "../../api/providers/outside/break-circuit.ts";
import { openTestQueue, type TestQueue } from "../support/open-test-queue.ts";
import { type SmsDouble, startSmsDouble } from "../support/start-sms-double.ts";
import { waitFor } from "../support/wait-for.ts";

const codes = new VerificationCodes(Buffer.alloc(32, 3));
const phone = "+14155550132";

let tested: TestQueue;
let double: SmsDouble;
let gateway: GatewaySms;

beforeEach(async () => {
  tested = await openTestQueue();
  double = await startSmsDouble();
  const breaker = new CircuitBreaker("The SMS gateway", { failuresMax: 1_000 });
  gateway = new GatewaySms(double.account, { answerMaxMs: 500, breaker });
});
afterEach(async () => {
  await tested.close();
  await gateway.close();
  await double.close();
});

/** Adds a verification, with its job. @returns its id, which is also the job's */
async function begin({ status = "pending", validSeconds = 120 } = {}): Promise<string> {
  const { query } = tested.testDatabase;
  const [customerId] = [makeId()];
  await query(
    `insert into customers (id, request_digest, body_digest, first_name, last_name, email, phone_number, created_at)
     values ($1, $2, $2, 'Ada', 'Lovelace', 'ada@example.org', $3, now())`,
    [customerId, randomUUID(), phone],
  );
  const [id = ""] = await tested.add("send-code");
  await query(
    `insert into verifications
       (id, customer_id, phone_number, code_digest, status, attempts_max, created_at, expires_at, ended_at)
     values ($1, $2, $3, $4, $5, 3, now(), now() + make_interval(secs => $6),
       case when $5 = 'pending' then null else now() end)`,
    [id, customerId, phone, codes.digestOf(id, codes.codeOf(id)), status, validSeconds],
  );
  return id;
}

const work = () => {
  const context = { codeBooks: new CodeBooks(tested.database), codes, sms: gateway };
  return tested.work({ queue: "send-code", attempt: (id, signal) => sendCode(context, id, signal) });
};

const untilNoJobs = () =>
  waitFor("the jobs to be done", async () => (await tested.readStates()).size === 0, 20_000);

async function rowOf(id: string) {
  const [row] = await tested.testDatabase.query(
    "select sms_sent_at is not null as sent, sms_error from verifications where id = $1",
    [id],
  );
  return row;
}

test("codes are sent, and written down as sent", async () => {
  const ids = [];
  for (let count = 0; count < 10; count += 1) ids.push(await begin());
  work();
  await untilNoJobs();
  expect(double.taken).toHaveLength(10);
  const texts = double.taken.map(({ body }) => body).sort();
  expect(texts).toEqual(
    ids.map((id) => `${codes.codeOf(id)} is your verification code. It is valid for 2 minutes.`).sort(),
  );
  for (const id of ids) expect(await rowOf(id)).toEqual({ sent: true, sms_error: null });
});

test("a code is sent again, and is the same, as long as it is not known to have been sent", async () => {
  const id = await begin();
  double.failNext("error_500", "silence_after", "reset_after", "lie_other_phone");
  work();
  await untilNoJobs();
  // Taken three times without our knowing, and then once more: always the same code.
  expect(double.taken).toHaveLength(4);
  for (const { to, body } of double.taken) expect([to, body.slice(0, 6)]).toEqual([phone, codes.codeOf(id)]);
  expect(await rowOf(id)).toEqual({ sent: true, sms_error: null });
});

test("what is of no use any more is not sent", async () => {
  const ids = [
    await begin({ status: "superseded" }),
    await begin({ status: "verified" }),
    await begin({ validSeconds: -1 }),
    await begin(),
  ];
  const sent = ids[3] ?? "";
  await tested.testDatabase.query("update verifications set sms_sent_at = now() where id = $1", [sent]);
  work();
  await untilNoJobs();
  expect(double.calls()).toBe(0);
});

test("a final refusal is written down and the job given up", async () => {
  const id = await begin();
  double.failAlways("refused");
  work();
  await waitFor(
    "the job to be given up",
    async () => (await tested.readStates()).get(id) === "failed",
    20_000,
  );
  const reason = "The SMS gateway answered with 400 and the code 21211.";
  expect(await rowOf(id)).toEqual({ sent: false, sms_error: reason });
  expect(double.calls()).toBe(1);
});
