import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outboxReply, restocksReply, verificationsReply } from "../../api/contract/job-lists.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import {
  addCustomer,
  addKeys,
  addQueuedJobs,
  addRestockedEvent,
  addRestockOrder,
  addVerification,
  idOf,
  type Keys,
} from "./fill-jobs.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

/** Nobody does jobs here: this is how it is while every worker is down. */
let database: TestDatabase;
let keys: Keys;
let tested: TestOperations;
let folder: string;

beforeAll(async () => {
  database = await openTestDatabase();
  keys = await addKeys(database);
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-outbox-"));
  tested = await openTestOperations({
    connectionString: database.connectionString,
    outboxes: { isDemo: true, smsFile: join(folder, "sms.jsonl"), emailFile: null },
  });
});
afterAll(async () => {
  await tested.close();
  await database.close();
  await rm(folder, { recursive: true });
});

const phone = "+4915112345678";

describe("the history of a verification", () => {
  const read = (query: string) => tested.read(`/ops/v1/verifications?${query}`, verificationsReply);

  beforeAll(async () => {
    await addCustomer(database, idOf(800), phone);
    await addCustomer(database, idOf(801), phone);
    await addCustomer(database, idOf(802), "+4915187654321");
    const own = { customerId: idOf(800), phoneNumber: phone };
    await addVerification(database, {
      ...own,
      id: idOf(1),
      status: "exhausted",
      wrongAttempts: 3,
      agoSeconds: 900,
    });
    await addVerification(database, {
      ...own,
      id: idOf(2),
      status: "superseded",
      agoSeconds: 600,
      smsError: "The gateway answered 400.",
    });
    await addVerification(database, {
      ...own,
      id: idOf(3),
      status: "pending",
      wrongAttempts: 1,
      agoSeconds: 20,
    });
    await addVerification(database, {
      ...own,
      customerId: idOf(801),
      id: idOf(4),
      status: "pending",
      agoSeconds: 500,
    });
    await addQueuedJobs(database, [
      { queue: "send-code", id: idOf(2), state: "cancelled" },
      { queue: "send-code", id: idOf(3), state: "active" },
    ]);
  });

  test("tells every step of every code of a customer, newest first, and no code and no whole number", async () => {
    const { data } = await read(`customer_id=${idOf(800)}`);
    expect(data).toHaveLength(1);
    const [customer] = data;
    expect(customer).toMatchObject({
      customer_id: idOf(800),
      phone_number: "•••••••••••678",
      verified_at: null,
    });
    const told = customer?.verifications.map(({ id, status, job_state, wrong_attempts_at }) => [
      id,
      status,
      job_state,
      wrong_attempts_at.length,
    ]);
    expect(told).toEqual([
      [idOf(3), "pending", "running", 1],
      [idOf(2), "superseded", "cancelled", 0],
      [idOf(1), "exhausted", null, 3],
    ]);
    expect(customer?.verifications[1]).toMatchObject({
      sms_error: "The gateway answered 400.",
      sms_sent_at: null,
    });
    const { text } = await tested.send(`/ops/v1/verifications?customer_id=${idOf(800)}`);
    for (const secret of ["123456", phone, phone.slice(1), "digest", "Lovelace", "ada@"])
      expect(text).not.toContain(secret);
  });

  test("is found by a phone for all who signed up with it, and a deadline that passed is told", async () => {
    const { data } = await read(`phone_number=${encodeURIComponent(phone)}`);
    expect(data.map(({ customer_id }) => customer_id)).toEqual([idOf(801), idOf(800)]);
    expect(data[0]?.verifications).toMatchObject([{ status: "expired", ended_at: null }]);
  });

  test("is an empty list for nobody, and bad questions are refused", async () => {
    expect((await read(`customer_id=${idOf(999)}`)).data).toEqual([]);
    expect((await read(`phone_number=${encodeURIComponent("+15550000")}`)).data).toEqual([]);
    const queries = [
      "",
      "customer_id=1",
      "phone_number=0151",
      `customer_id=${idOf(1)}&phone_number=%2B15550000`,
    ];
    for (const query of queries)
      expect((await tested.send(`/ops/v1/verifications?${query}`)).status).toBe(422);
  });
});

describe("the history of a restocking", () => {
  const read = (id: string) => tested.read(`/ops/v1/restocks?event_id=${id}`, restocksReply);

  test("tells the rule, whether it is held back, and every order, but no secret of an address", async () => {
    await addRestockedEvent(database, idOf(900), "Harbour Jazz");
    for (const [index, status] of (["delivered", "given_up", "open"] as const).entries())
      await addRestockOrder(database, { id: idOf(10 + index), eventId: idOf(900), status });
    await database.query("update events set restock_held_back = true, restock_order_id = $2 where id = $1", [
      idOf(900),
      idOf(12),
    ]);
    await addQueuedJobs(database, [{ queue: "place-restock-order", id: idOf(12), state: "retry" }]);
    const { event, data } = await read(idOf(900));
    expect(event).toEqual({
      id: idOf(900),
      name: "Harbour Jazz",
      rule: { threshold: 5, quantity: 50, supplier: "supplier.example" },
      is_held_back: true,
      open_order_id: idOf(12),
    });
    expect(data.map(({ id }) => id).toSorted()).toEqual([10, 11, 12].map(idOf));
    expect(data.find(({ id }) => id === idOf(12))).toMatchObject({
      status: "open",
      attempts: 3,
      last_error: "The supplier answered 503.",
      supplier_reference: "S-1",
      placed_at: null,
      job_state: "retrying",
    });
    const { text } = await tested.send(`/ops/v1/restocks?event_id=${idOf(900)}`);
    expect(text).not.toContain("secret");
  });

  test("of an event without orders is empty, and of no event says so", async () => {
    await addRestockedEvent(database, idOf(901), "Plain");
    await database.query("update events set restock = null where id = $1", [idOf(901)]);
    expect(await read(idOf(901))).toMatchObject({ event: { name: "Plain", rule: null }, data: [] });
    expect(await read(idOf(999))).toEqual({ event: null, data: [] });
    for (const query of ["", "?event_id=1", `?event_id=${idOf(1)}&limit=5`])
      expect((await tested.send(`/ops/v1/restocks${query}`)).status).toBe(422);
  });
});

describe("the demo's outbox", () => {
  const read = (kind: string) => tested.read(`/ops/v1/outbox?kind=${kind}`, outboxReply);
  const line = (id: number, text = `Your code is ${100_000 + id}.`) =>
    `${JSON.stringify({ id: String(id), to: phone, text, at: "2030-01-01T00:00:00.000Z", subject: "x" })}\n`;

  test("is empty before there is a file, and not kept where messages go to a real provider", async () => {
    expect(await read("sms")).toEqual({ is_kept: true, data: [] });
    expect(await read("email")).toEqual({ is_kept: false, data: [] });
    for (const query of ["", "?kind=fax", "?kind=sms&file=/etc/passwd"])
      expect((await tested.send(`/ops/v1/outbox${query}`)).status).toBe(422);
  });

  test("shows the last 50 messages, newest first, of a file of any length", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => line(index));
    await writeFile(join(folder, "sms.jsonl"), lines.join(""));
    const { data } = await read("sms");
    expect(data.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 50 }, (_, index) => 19_999 - index),
    );
    expect(data[0]).toEqual({
      id: "19999",
      to: phone,
      text: "Your code is 119999.",
      at: "2030-01-01T00:00:00.000Z",
    });
  });

  test("leaves out lines that are no message, and cuts long ones", async () => {
    const lines = [line(1), '{"id":"2","to":"x"', "\n", "null\n", '{"id":3}\n', line(4, "é".repeat(300_000))];
    await writeFile(join(folder, "sms.jsonl"), lines.join(""));
    const { data } = await read("sms");
    // The long one alone is more than is read from the end.
    expect(data).toEqual([]);
    await writeFile(join(folder, "sms.jsonl"), [...lines.slice(0, 5), line(4, "a".repeat(9_000))].join(""));
    const kept = (await read("sms")).data;
    expect(kept.map(({ id }) => id)).toEqual(["4", "1"]);
    expect(kept[0]?.text).toBe(`${"a".repeat(2_000)}…`);
  });

  test("is an observer's to read in demo mode only", async () => {
    for (const isDemo of [true, false]) {
      const exposed = await openTestOperations({
        connectionString: database.connectionString,
        host: "0.0.0.0",
        outboxes: { isDemo, smsFile: join(folder, "sms.jsonl"), emailFile: null },
      });
      const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
      const status = async (key: string) => (await exposed.send("/ops/v1/outbox?kind=sms", as(key))).status;
      expect(await status(keys.observer)).toBe(isDemo ? 200 : 403);
      expect(await status(keys.admin)).toBe(200);
      expect((await exposed.send("/ops/v1/outbox?kind=sms")).status).toBe(401);
      await exposed.close();
    }
  });
});
