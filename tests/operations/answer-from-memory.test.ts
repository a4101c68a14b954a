import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorsReply, overviewReply, seriesReply } from "../../api/contract/dashboard.ts";
import { nodesReply, salesReply, timelineReply, workersReply } from "../../api/contract/dashboard-lists.ts";
import { jobsReply } from "../../api/contract/job-lists.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, sampleWorker, type TestOperations } from "./open-test-operations.ts";

describe("on an empty database", () => {
  let database: TestDatabase;
  let tested: TestOperations;

  beforeAll(async () => {
    database = await openTestDatabase();
    tested = await openTestOperations({ connectionString: database.connectionString });
  });
  afterAll(async () => {
    await tested.close();
    await database.close();
  });

  test("every page answers, and what is empty is zero or an empty list", async () => {
    const overview = await waitFor("the stock to be added up", async () => {
      const read = await tested.read("/ops/v1/overview", overviewReply);
      return read.sales.events !== null && read;
    });
    expect(overview).toMatchObject({
      node: "test machine",
      version: "1.2.3",
      status: "ok",
      verdict: "Ready, no event yet, 1 of 6 workers, 0 oversold",
      rps: 0,
      error_percent: 0,
      latency_ms: { p50: null, p95: null, p99: null },
      workers: { live: 1, wanted: 1, min: 1, max: 6, restarts: 0 },
      database: { up: true },
      sales: { events: 0, events_on_sale: 0, held: 0, sold: 0, free: 0 },
      oversold: 0,
      holds_overdue: 0,
      firing: [],
    });
    expect(overview.database.latency_ms).toBeGreaterThan(0);
    expect(overview.database.connections).toBeGreaterThan(0);
    for (const minutes of [5, 15, 60, 360]) {
      const { points } = await tested.read(`/ops/v1/series?minutes=${minutes}`, seriesReply);
      expect(points.length).toBeLessThanOrEqual(360);
    }
    expect(await tested.read("/ops/v1/errors", errorsReply)).toEqual({ data: [], dropped: 0 });
    expect(await tested.read("/ops/v1/jobs", jobsReply)).toMatchObject({ queues: [], data: [], total: 0 });
    expect(await tested.read("/ops/v1/sales", salesReply)).toEqual({ data: [], has_more: false, total: 0 });
    const nobody = await tested.read("/ops/v1/reservations?user_id=nobody", timelineReply);
    expect(nobody).toEqual({ data: [], is_complete: true });
    const { data: nodes } = await tested.read("/ops/v1/nodes", nodesReply);
    expect(nodes).toEqual([expect.objectContaining({ id: tested.nodeId, is_this: true, state: "live" })]);
    const { data: workers } = await tested.read("/ops/v1/workers", workersReply);
    expect(workers).toEqual([expect.objectContaining({ pid: 4_711, state: "ready", does_jobs: true })]);
  });
});

describe("what workers report", () => {
  let database: TestDatabase;
  let tested: TestOperations;

  beforeAll(async () => {
    database = await openTestDatabase();
    tested = await openTestOperations({ connectionString: database.connectionString });
  });
  afterAll(async () => {
    await tested.close();
    await database.close();
  });

  test("becomes rates, percentiles and gauges, with refusals and errors apart", async () => {
    const hold = { method: "POST", route: "/v1/events/{event_id}/reservations" };
    const count = (status_code: string, times: number, route = hold.route) => {
      const histogram = tested.recorder.histogram("http_request_duration_seconds", {
        ...hold,
        route,
        status_code,
      });
      for (let each = 0; each < times; each += 1) histogram.observe(0.004);
    };
    const read = () => tested.read("/ops/v1/overview", overviewReply);
    await waitFor("the first second", async () => (await read()).cpu_percent !== null);
    count("201", 30);
    count("409", 15);
    count("503", 5);
    count("503", 1_000, "/readyz");
    tested.recorder.counter("holdfast_reservations_total", { outcome: "held" }).add(30);
    tested.report();
    const overview = await waitFor("the requests to be counted", async () => {
      const found = await read();
      return found.rps > 0 && found.rps === (await read()).rps && found;
    });
    expect(overview.refused_rps).toBeCloseTo(overview.rps * 0.3, 6);
    expect(overview.error_rps).toBeCloseTo(overview.rps * 0.1, 6);
    expect(overview.error_percent).toBeCloseTo(10, 6);
    expect(overview.sales.holds_per_second).toBeCloseTo(overview.rps * 0.6, 6);
    expect(overview.latency_ms.p50).toBeGreaterThan(2.5);
    expect(overview.latency_ms.p99).toBeLessThanOrEqual(5);
    expect(overview).toMatchObject({
      status: "degraded",
      queue_depth: 3,
      pool: { connections: 2, max: 4, waiting: 1 },
      event_loop_lag_ms: 2,
    });
    expect(overview.verdict).toMatch(/^10 % or more of the requests fail: 1 of 6 workers/);
    const points = await waitFor("the step to end", async () => {
      const series = await tested.read("/ops/v1/series?minutes=5", seriesReply);
      return series.points.some(({ rps }) => (rps ?? 0) > 0) && series.points;
    });
    expect(points[0]?.rps).toBeNull();
    const busiest = points.find(({ rps }) => (rps ?? 0) > 0);
    expect(busiest?.p50_ms).toBeGreaterThan(2.5);
    expect(busiest).toMatchObject({ workers: 1, pool_waiting: 1, event_loop_lag_ms: 2 });
  });

  test("counts in the metrics, where it stays when its worker is gone", async () => {
    tested.recorder.counter("holdfast_reservations_total", { outcome: "sold_out" }).add(7);
    tested.report({}, 2);
    tested.setCluster({ workers: [sampleWorker({ id: 3 })] });
    const { text, headers } = await tested.send("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(text).toContain('holdfast_reservations_total{outcome="sold_out"} 7');
    expect(text).toContain("holdfast_oversold_tickets 0");
    expect(text).toContain('holdfast_workers{state="ready"} 1');
  });

  test("comes with how busy the machine is, as a share", async () => {
    const ratio = await waitFor("the first second", async () => {
      const { text } = await tested.send("/metrics");
      return /^holdfast_machine_cpu_ratio (\S+)$/m.exec(text)?.[1];
    });
    expect(Number(ratio)).toBeGreaterThanOrEqual(0);
    expect(Number(ratio)).toBeLessThanOrEqual(1);
  });
});
