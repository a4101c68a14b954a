import { z } from "zod";
import { metricDeltas } from "./metric-deltas.ts";

/**
 * What a worker tells its supervisor about itself, every second or so. A worker may be sick when it speaks, so every
 * text and every list has a limit, and a report that breaks one is refused as a whole.
 */

/** The most errors in one report. A worker that has more drops the rest and says how many. */
export const reportedErrorsMax = 100;

/** The longest texts of an error, in characters. Senders cut, receivers refuse. */
export const reportedTextMax = { message: 2_000, short: 200, stack: 8_000 } as const;

const count = z.int().min(0);
const figure = z.number();
const momentMs = z.int().min(0).max(8_640_000_000_000_000);
const shortText = z.string().max(reportedTextMax.short);

/** Something that went wrong, as the error feed shows it. */
const reportedError = z.strictObject({
  at_ms: momentMs,
  level: z.enum(["warn", "error", "fatal"]),
  message: z.string().max(reportedTextMax.message),
  error_type: shortText.nullable(),
  sqlstate: z
    .string()
    .regex(/^[0-9A-Z]{5}$/)
    .nullable(),
  request_id: shortText.nullable(),
  route: shortText.nullable(),
  status: z.int().min(100).max(599).nullable(),
  stack: z.string().max(reportedTextMax.stack).nullable(),
});

/** Durable jobs by state, in all processes together. */
const jobCounts = z.strictObject({ waiting: count, running: count, retrying: count, failed: count });

/** A durable job that has been tried in vain. */
const troubledJob = z.strictObject({
  id: shortText,
  state: z.enum(["retrying", "failed"]),
  attempts: count,
  created_at_ms: momentMs,
  next_try_at_ms: momentMs.nullable(),
  last_error: shortText.nullable(),
});

/** How one kind of background work is doing, in the worker that does it. Totals count since that worker's start. */
const jobStatus = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/),
  purpose: shortText,
  state: z.enum(["waiting", "running", "retrying"]),
  runs_total: count,
  failures_total: count,
  last_run_at_ms: momentMs.nullable(),
  last_error: shortText.nullable(),
  next_run_at_ms: momentMs.nullable(),
  can_run_now: z.boolean(),
  /** What the last run found, such as {oversold: 0}. */
  figures: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/), figure)
    .refine((figures) => Object.keys(figures).length <= 20, { message: "must have at most 20 figures" }),
  /** Of work that waits in a durable queue only. */
  counts: jobCounts.optional(),
  /** The oldest of those that have been tried in vain. */
  troubled: z.array(troubledJob).max(100).optional(),
});

/** What a worker measures about itself at the moment of the report. */
const workerGauges = z.strictObject({
  queue_depth: count,
  pool_connections: count,
  pool_max: count,
  pool_waiting: count,
  open_streams: count,
});

export const workerReport = z.strictObject({
  metrics: metricDeltas,
  gauges: workerGauges,
  errors: z.array(reportedError).max(reportedErrorsMax),
  errors_dropped: count,
  /** Null in a worker that does no background work. */
  jobs: z.array(jobStatus).max(50).nullable(),
});

export type ReportedError = z.infer<typeof reportedError>;
export type JobStatus = z.infer<typeof jobStatus>;
export type WorkerGauges = z.infer<typeof workerGauges>;
export type WorkerReport = z.infer<typeof workerReport>;
