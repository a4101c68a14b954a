import { z } from "zod";
import { eventReply } from "./events.ts";
import { reservationWithHistoryReply } from "./reservations.ts";
import { instant, printableText, uuid } from "./values.ts";

/**
 * What the operations listener tells the dashboard. A figure that is null could not be measured; zero is a measured
 * zero. Shares are percentages of 0 to 100, rates are for each second.
 */

const count = z.int().min(0);
const figure = z.number().min(0);
const measured = figure.nullable();

/** How a machine is doing, the worst last. */
const healthStatus = z.enum(["ok", "degraded", "down"]);

export const alertName = z.enum([
  "TicketsOversold",
  "PostgreSQLDown",
  "NoLiveWorkers",
  "WorkersCrashLooping",
  "HoldSweeperStalled",
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

const workerState = z.enum(["starting", "ready", "draining", "hung"]);

const workerEntry = z.strictObject({
  id: count,
  pid: count,
  state: workerState,
  started_at: instant,
  rps: figure,
  requests_total: count,
  cpu_percent: measured.describe("Of one core."),
  memory_bytes: measured,
  event_loop_lag_ms: measured.describe("99th percentile of the last interval."),
  restarts: count.describe("How often the worker in this place was replaced after a crash."),
  does_jobs: z.boolean().describe("Whether it is the one that does this machine's background work."),
});

export const workersReply = z.strictObject({
  data: z.array(workerEntry),
  live: count,
  wanted: count,
  min: count,
  max: count,
  restarts_total: count,
  malformed_messages_total: count,
  back_off: z
    .strictObject({ failures: count, next_try_at: instant, last_exit: z.string() })
    .nullable()
    .describe("Set while workers crash at every start."),
});

const nodeEntry = z.strictObject({
  id: uuid,
  name: z.string(),
  version: z.string(),
  role: z.enum(["all", "api", "jobs"]),
  state: z.enum(["live", "lost", "stopped"]),
  is_this: z.boolean(),
  started_at: instant,
  seen_at: instant,
  workers_live: count,
  workers_wanted: count,
  rps: figure,
  cpu_percent: measured,
  memory_bytes: measured,
});

export const nodesReply = z.strictObject({ data: z.array(nodeEntry) });

export const salesQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, "must be a whole number from 1 to 100")
    .default("50")
    .transform(Number),
  starting_after: uuid.optional(),
  search: printableText(200).optional().describe("A part of the event's name, or its id."),
});

const saleEntry = eventReply.extend({
  available: z.int().describe("Below zero only when an invariant is broken, which has to be seen."),
  paused_reason: z.string().nullable(),
  oversold: count,
  holds_overdue: count,
  next_expiry_at: instant.nullable(),
  holds_per_second: measured.describe("On all machines, over the last seconds."),
});

export const salesReply = z.strictObject({
  data: z.array(saleEntry).describe("Newest first."),
  has_more: z.boolean(),
  total: count,
});

export const timelineQuery = z
  .strictObject({ id: uuid.optional(), user_id: printableText(128).optional() })
  .refine(({ id, user_id }) => (id === undefined) !== (user_id === undefined), {
    message: "give either id or user_id",
    path: ["id"],
  });

export const timelineReply = z.strictObject({
  data: z
    .array(reservationWithHistoryReply.extend({ event_name: z.string() }))
    .describe("Newest first, at most 50."),
  is_complete: z
    .boolean()
    .describe("False when ended reservations were too many to search through; active ones are always found."),
});

const jobState = z.enum(["waiting", "running", "retrying", "failed"]);

/** A kind of background work. */
const jobQueue = z.strictObject({
  name: z.string(),
  purpose: z.string().describe("One sentence for people."),
  counts: z.strictObject({ waiting: count, running: count, retrying: count, failed: count }),
  runs_total: count,
  failures_total: count,
  last_run_at: instant.nullable(),
  last_error: z.string().nullable(),
  next_run_at: instant.nullable(),
  can_run_now: z.boolean(),
});

/** One piece of work that has not ended well yet. */
const jobEntry = z.strictObject({
  id: z.string(),
  queue: z.string(),
  state: jobState,
  attempts: count,
  created_at: instant,
  next_try_at: instant.nullable(),
  last_error: z.string().nullable(),
});

export const jobsReply = z.strictObject({
  queues: z.array(jobQueue),
  data: z.array(jobEntry).describe("Oldest first, at most 100."),
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
export type WorkerEntry = z.infer<typeof workerEntry>;
export type Workers = z.infer<typeof workersReply>;
export type NodeEntry = z.infer<typeof nodeEntry>;
export type Nodes = z.infer<typeof nodesReply>;
export type SaleEntry = z.infer<typeof saleEntry>;
export type Sales = z.infer<typeof salesReply>;
export type Timeline = z.infer<typeof timelineReply>;
export type JobQueue = z.infer<typeof jobQueue>;
export type JobEntry = z.infer<typeof jobEntry>;
export type Jobs = z.infer<typeof jobsReply>;
