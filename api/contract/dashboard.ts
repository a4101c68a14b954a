import { z } from "zod";
import { count, figure, measured } from "./figures.ts";
import { instant } from "./values.ts";

/** What the operations listener tells the dashboard of the machine as a whole: its health, its charts, its errors. */

/** How a machine is doing, the worst last. */
const healthStatus = z.enum(["ok", "degraded", "down"]);

export const alertName = z.enum([
  "TicketsOversold",
  "PostgreSQLDown",
  "NoLiveWorkers",
  "WorkersCrashLooping",
  "HoldSweeperStalled",
  "PaymentsStuck",
  "WorkGivenUp",
  "ErrorBudgetBurn",
  "ScaledToMax",
  "ConnectionsHigh",
  "LongQuery",
  "CpuHigh",
  "EventLoopLagHigh",
  "NodeLost",
]);

const firingAlert = z.strictObject({
  name: alertName,
  severity: z.enum(["warning", "critical"]),
  summary: z.string().describe("One sentence with the figure that made it fire."),
  since: instant,
});

export const overviewReply = z.strictObject({
  at: instant.describe("When this was measured."),
  node: z.string().describe("The machine that answers."),
  version: z.string(),
  status: healthStatus,
  verdict: z.string().describe("One sentence for people."),
  since: instant.describe("Since when the status is what it is."),
  rps: figure.describe("Requests."),
  refused_rps: figure.describe("Of them, answered with a 4xx: a sold-out 409 is no error."),
  error_rps: figure.describe("Of them, answered with a 5xx."),
  error_percent: figure,
  latency_ms: z.strictObject({ p50: measured, p95: measured, p99: measured }),
  workers: z.strictObject({ live: count, wanted: count, min: count, max: count, restarts: count }),
  event_loop_lag_ms: measured.describe("The 99th percentile of the worst worker."),
  cpu_percent: measured.describe("Of all cores of this machine."),
  cores: count,
  memory_bytes: measured.describe("Of all processes of this service on this machine."),
  memory_total_bytes: count.describe("What this machine has."),
  pool: z.strictObject({ connections: count, max: count, waiting: count }),
  queue_depth: count.describe("Commands that wait at the desks."),
  database: z.strictObject({
    up: z.boolean(),
    latency_ms: measured,
    connections: measured,
    max_connections: measured,
    longest_query_seconds: measured,
  }),
  sales: z.strictObject({
    events: measured,
    events_on_sale: measured,
    held: measured,
    sold: measured,
    free: measured,
    holds_per_second: figure,
    confirms_per_second: figure,
  }),
  oversold: measured,
  holds_overdue: measured.describe("Holds past their deadline that are not released yet."),
  jobs: z.strictObject({ waiting: count, retrying: count, failed: count }),
  firing: z.array(firingAlert).describe("The most severe first."),
});

export const seriesQuery = z.strictObject({
  minutes: z.enum(["5", "15", "60", "360"]).default("15").transform(Number),
});

const seriesPoint = z.strictObject({
  at: instant.describe("The end of the step."),
  rps: measured,
  refused_rps: measured,
  error_rps: measured,
  p50_ms: measured,
  p95_ms: measured,
  p99_ms: measured,
  workers: measured,
  workers_wanted: measured,
  cpu_percent: measured,
  memory_bytes: measured,
  event_loop_lag_ms: measured,
  pool_waiting: measured,
  database_connections: measured,
  database_latency_ms: measured,
  held: measured,
  sold: measured,
  free: measured,
  holds_per_second: measured,
});

const markKind = z.enum([
  "scaled",
  "crashed",
  "hung",
  "crash_loop",
  "paused",
  "resumed",
  "database_down",
  "database_up",
  "started",
]);

/** Something that happened, to be drawn as a vertical line. */
const mark = z.strictObject({ at: instant, kind: markKind, text: z.string() });

export const seriesReply = z.strictObject({
  step_seconds: count,
  points: z
    .array(seriesPoint)
    .describe("Oldest first, at most 360. A time of which nothing is known is null."),
  marks: z.array(mark).describe("Oldest first."),
});

export const errorsQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, "must be the id of an entry")
    .default("0")
    .transform(Number)
    .describe("Only entries with a higher id, which came later."),
});

const errorEntry = z.strictObject({
  id: count.describe("Rises with every entry of this machine."),
  at: instant,
  level: z.enum(["warn", "error", "fatal"]),
  message: z.string(),
  node: z.string(),
  worker: count.nullable().describe("Null for the supervisor itself."),
  error_type: z.string().nullable(),
  sqlstate: z.string().nullable(),
  request_id: z.string().nullable(),
  route: z.string().nullable(),
  status: count.nullable(),
  stack: z.string().nullable(),
});

export const errorsReply = z.strictObject({
  data: z.array(errorEntry).describe("Oldest first, at most 500 of the newest."),
  dropped: count.describe("Entries since `after` that are left out here; 0 on a first look."),
});

export type Overview = z.infer<typeof overviewReply>;
export type HealthStatus = z.infer<typeof healthStatus>;
export type AlertName = z.infer<typeof alertName>;
export type FiringAlert = z.infer<typeof firingAlert>;
export type Series = z.infer<typeof seriesReply>;
export type SeriesPoint = z.infer<typeof seriesPoint>;
export type Mark = z.infer<typeof mark>;
export type MarkKind = z.infer<typeof markKind>;
export type ErrorEntry = z.infer<typeof errorEntry>;
export type Errors = z.infer<typeof errorsReply>;
