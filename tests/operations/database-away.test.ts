import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { errorsReply, overviewReply, seriesReply } from "../../api/contract/dashboard.ts";
import { nodesReply, salesReply, workersReply } from "../../api/contract/dashboard-lists.ts";
import { jobsReply } from "../../api/contract/job-lists.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { DatabaseProxy, type ProxyMode } from "../support/start-database-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

const cases: [what: string, mode: ProxyMode][] = [
  ["ends its connections", "cut"],
  ["stops for a while", "stall"],
  ["is cut off by a network that forgets its connections", "forget"],
];

describe.each(cases)("while the database %s", (_what, mode) => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let tested: TestOperations;
  const overview = () => tested.read("/ops/v1/overview", overviewReply);
  const isUp = async () => (await overview()).database.up;
  const kinds = async () =>
    (await tested.read("/ops/v1/series?minutes=5", seriesReply)).marks.map(({ kind }) => kind);

  beforeAll(async () => {
    database = await openTestDatabase();
    proxy = await DatabaseProxy.start(database.connectionString);
    tested = await openTestOperations({ connectionString: proxy.connectionString });
    await waitFor("the first look", async () => (await overview()).status === "ok");
  });
  afterEach(() => proxy.set("pass"));
  afterAll(async () => {
    await tested.close();
    await proxy.close();
    await database.close();
  });

  test("the verdict says so, what is in memory answers, and the rest says when to come back", async () => {
    proxy.set(mode);
    const away = await waitFor("the verdict to turn", async () => {
      const read = await overview();
      return read.status === "down" && read;
    });
    expect(away).toMatchObject({
      verdict: "The database is away, so nothing can be held or sold: 1 of 6 workers, oversold not known",
      database: { up: false, latency_ms: null, connections: null },
      sales: { held: null, sold: null, free: null },
      oversold: null,
      holds_overdue: null,
      firing: [{ name: "PostgreSQLDown", severity: "critical" }],
    });
    // The figures of the machine itself go on.
    await waitFor("a point that tells of the workers, but of no stock", async () => {
      const { points } = await tested.read("/ops/v1/series?minutes=5", seriesReply);
      const last = points.findLast(({ workers }) => workers === 1);
      return last !== undefined && (last.memory_bytes ?? 0) > 0 && last.held === null;
    });
    await tested.read("/ops/v1/errors", errorsReply);
    expect(await tested.read("/ops/v1/jobs", jobsReply)).toMatchObject({ is_current: false });
    await tested.read("/ops/v1/workers", workersReply);
    expect((await tested.read("/ops/v1/nodes", nodesReply)).data).toMatchObject([
      { is_this: true, state: "live" },
    ]);
    expect(await tested.send("/livez")).toMatchObject({ status: 200 });
    const ready = await tested.send("/readyz");
    expect(JSON.parse(ready.text)).toMatchObject({ status: 503, code: "database_unavailable" });
    const { text } = await tested.send("/metrics");
    expect(text).toContain("holdfast_database_up 0");
    expect(text).not.toMatch(/^holdfast_oversold_tickets/m);
    expect(text).not.toMatch(/^holdfast_overdue_hold_age_seconds/m);
    const sales = await tested.send("/ops/v1/sales");
    expect(JSON.parse(sales.text)).toMatchObject({ status: 503, code: "database_unavailable" });
    expect(sales.headers["retry-after"]).toBe("1");
    expect(await kinds()).toEqual(["started", "database_down"]);
  });

  test("it comes back by itself", async () => {
    await waitFor("the database to be back", isUp);
    await waitFor("the stock to be known again", async () => (await overview()).sales.events === 0);
    expect((await overview()).status).toBe("ok");
    await waitFor("the pages to be back", async () => (await tested.send("/ops/v1/sales")).status === 200);
    await tested.read("/ops/v1/sales", salesReply);
    expect(await kinds()).toEqual(["started", "database_down", "database_up"]);
  });
});

test("a table that is locked leaves the database up, and what cannot be read unknown", async () => {
  const database = await openTestDatabase();
  const tested = await openTestOperations({ connectionString: database.connectionString });
  const overview = () => tested.read("/ops/v1/overview", overviewReply);
  await waitFor("the first look", async () => (await overview()).holds_overdue === 0);
  const locker = await database.connect();
  await locker.query("begin; lock table reservations in access exclusive mode");
  await waitFor("the count to be given up", async () => (await overview()).holds_overdue === null);
  expect(await overview()).toMatchObject({ status: "ok", database: { up: true }, sales: { events: 0 } });
  const sales = await tested.send("/ops/v1/sales");
  expect(JSON.parse(sales.text)).toMatchObject({ status: 503, code: "database_unavailable" });
  await locker.query("rollback");
  await waitFor("the count to be back", async () => (await overview()).holds_overdue === 0);
  await tested.close();
  await database.close();
});
