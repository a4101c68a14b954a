import { getEventListeners } from "node:events";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { overviewReply } from "../../api/contract/dashboard.ts";
import { auditStockOnce } from "../../api/jobs/audit-stock.ts";
import { recountStock } from "../../api/store/recount-stock.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { insertEvent, openTestDesk } from "../support/open-test-desk.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, sampleJob, type TestOperations } from "./open-test-operations.ts";

let database: TestDatabase;
let eventId: string;
const opened: TestOperations[] = [];

beforeEach(async () => {
  database = await openTestDatabase();
  eventId = await insertEvent(database, { capacity: 5 });
  await insertEvent(database, { capacity: 0 });
  const { desk, hold } = openTestDesk(database.connectionString);
  await hold(eventId, "ada", 2);
  const { id } = await hold(eventId, "bob", 1);
  await desk.submit({ kind: "confirm", eventId, reservationId: id, requester: { role: "service" } });
  await desk.stop();
});
afterEach(async () => {
  for (const tested of opened.splice(0)) await tested.close();
  await database.close();
});

const breaks: [what: string, statements: string[], told: string][] = [
  [
    "tickets sold beyond the capacity",
    [
      "alter table events drop constraint events_stock_conserved, drop constraint events_available_check",
      "update events set available = -1, sold = 4 where capacity = 5",
    ],
    "4 sold by the counter, 1 by the reservations",
  ],
  [
    "a counter that is not what its reservations add up to",
    ["update events set held = 1, available = 3 where capacity = 5"],
    "1 held by the counter, 2 by the reservations",
  ],
  [
    "counters that do not make the capacity",
    [
      "alter table events drop constraint events_stock_conserved",
      "update events set available = 1 where capacity = 5",
    ],
    "1 available, 2 held and 1 sold do not make a capacity of 5",
  ],
  [
    "two active reservations of one user",
    ["drop index reservations_one_active", "update reservations set user_id = 'ada'"],
    "1 active reservations beyond one for each user",
  ],
];

async function breakStock(statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.query(statement);
}

function runCommand(): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = resolve(import.meta.dirname, "../../api/audit-stock.ts");
  const env = { ...process.env, DATABASE_URL: database.connectionString };
  return new Promise((done) => {
    execFile(process.execPath, [file], { env, timeout: 15_000 }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, stdout, stderr }),
    );
  });
}

describe("a recount", () => {
  test("finds nothing while the stock is right", async () => {
    expect(await recountStock(database.connectionString)).toEqual({
      events: 2,
      orders: 0,
      oversoldTickets: 0,
      mismatchCount: 0,
      mismatches: [],
      orderMismatchCount: 0,
      orderMismatches: [],
    });
    expect(await runCommand()).toEqual({
      code: 0,
      stdout: `Events            2
Orders            0
Oversold tickets  0
Broken events     0
Broken orders     0
Invariants        hold
`,
      stderr: "",
    });
  });

  test.each(breaks)("finds %s, and the command exits with 3", async (_what, statements, told) => {
    await breakStock(statements);
    const { mismatches, mismatchCount } = await recountStock(database.connectionString);
    expect({ ids: mismatches.map((each) => each.eventId), mismatchCount }).toEqual({
      ids: [eventId],
      mismatchCount: 1,
    });
    const { code, stdout, stderr } = await runCommand();
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(stdout).toContain("Invariants        BROKEN");
    expect(stdout).toContain(`- Concert (${eventId}): `);
    expect(stdout).toContain(told);
  });

  test("counts tickets that reservations have beyond the capacity, whatever the counters say", async () => {
    await database.query("update reservations set quantity = 9 where user_id = 'ada'");
    expect(await recountStock(database.connectionString)).toMatchObject({ oversoldTickets: 5 });
  });

  test("ends at once when it is told to", async () => {
    const locker = await database.connect();
    await locker.query("begin; lock table reservations in access exclusive mode");
    const stopping = new AbortController();
    const recount = recountStock(database.connectionString, stopping.signal);
    await waitFor("the recount to wait for the lock", async () => {
      const waiting = await database.query(
        "select 1 from pg_stat_activity where application_name = 'holdfast audit' and wait_event_type = 'Lock'",
      );
      return waiting.length === 1;
    });
    stopping.abort();
    await expect(recount).rejects.toThrow("aborted");
    await locker.query("rollback");
  });

  test("leaves nothing behind on the signal that could have stopped it, since that outlives many recounts", async () => {
    const { signal } = new AbortController();
    await recountStock(database.connectionString, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("of a database that cannot be reached is one sentence", async () => {
    const file = resolve(import.meta.dirname, "../../api/audit-stock.ts");
    const env = { ...process.env, DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((done) => {
      execFile(process.execPath, [file], { env, timeout: 15_000 }, (error, _stdout, text) =>
        done({ code: error?.code, stderr: text }),
      );
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database cannot be reached .*\n$/);
  });
});

describe("what a recount found", () => {
  const audit = () =>
    auditStockOnce({ connectionString: database.connectionString, signal: new AbortController().signal });

  test("is reported with the events to look at, and alerts", async () => {
    expect(await audit()).toMatchObject({
      figures: { events: 2, orders: 0, oversold: 0, mismatches: 0 },
      trouble: null,
    });
    await database.query("update reservations set quantity = 9 where user_id = 'ada'");
    const { figures, trouble, pauseMs } = await audit();
    expect(figures).toEqual({ events: 2, orders: 0, oversold: 5, mismatches: 1 });
    expect(trouble?.message).toContain("9 by the reservations");
    expect(pauseMs).toBeGreaterThanOrEqual(60_000);

    const tested = await openTestOperations({ connectionString: database.connectionString });
    opened.push(tested);
    tested.report({ jobs: [sampleJob("audit-stock", { figures })] });
    const overview = await waitFor("the alert", async () => {
      const read = await tested.read("/ops/v1/overview", overviewReply);
      return read.oversold === 5 && read;
    });
    expect(overview).toMatchObject({ status: "degraded", firing: [{ name: "TicketsOversold" }] });
    expect(overview.verdict).toMatch(/^5 tickets are oversold/);
    expect((await tested.send("/metrics")).text).toContain("\nholdfast_oversold_tickets 5\n");
  });

  test("is not needed to see counters that are oversold", async () => {
    await breakStock(breaks[0]?.[1] ?? []);
    const tested = await openTestOperations({ connectionString: database.connectionString });
    opened.push(tested);
    await waitFor("the metric", async () =>
      (await tested.send("/metrics")).text.includes("\nholdfast_oversold_tickets 1\n"),
    );
    const sales = JSON.parse((await tested.send("/ops/v1/sales")).text);
    expect(sales.data).toContainEqual(expect.objectContaining({ id: eventId, oversold: 1, available: -1 }));
  });
});
