import { z } from "zod";
import { eventReply } from "./events.ts";
import { count, figure, measured } from "./figures.ts";
import { reservationWithHistoryReply } from "./reservations.ts";
import { instant, printableText, uuid } from "./values.ts";

/** What the operations listener tells the dashboard one by one: workers, machines, sales, reservations. */

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

export type WorkerEntry = z.infer<typeof workerEntry>;
export type Workers = z.infer<typeof workersReply>;
export type NodeEntry = z.infer<typeof nodeEntry>;
export type Nodes = z.infer<typeof nodesReply>;
export type SaleEntry = z.infer<typeof saleEntry>;
export type Sales = z.infer<typeof salesReply>;
export type Timeline = z.infer<typeof timelineReply>;
