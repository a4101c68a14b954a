import { z } from "zod";
import { count } from "./figures.ts";
import { instant, uuid } from "./values.ts";

/** What the operations listener tells of the background work, and of single pieces of it. */

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
  lists_jobs: z.boolean().describe("Whether its work is made of single jobs, which are listed."),
});

/** What a job is about. */
const jobSubject = z.strictObject({
  kind: z.enum(["order", "customer", "event", "webhook_endpoint"]),
  id: z.string(),
  text: z.string().describe("What is to be done, in words."),
});

/** One piece of work that is not done, or was given up. */
const jobEntry = z.strictObject({
  id: z.string(),
  queue: z.string(),
  state: jobState,
  attempts: count.describe("Those that ended and the one that runs."),
  created_at: instant,
  started_at: instant.nullable().describe("When its last attempt began; null if it is not known."),
  next_try_at: instant.nullable().describe("Null for a job that runs, or was given up."),
  last_error: z.string().nullable(),
  about: jobSubject.nullable(),
  can_retry: z.boolean(),
  can_cancel: z.boolean(),
});

export const jobsQuery = z.strictObject({
  state: jobState.optional(),
  queue: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,59}$/, "must be the name of a queue")
    .optional(),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, "must be a whole number from 1 to 100")
    .default("100")
    .transform(Number),
});

export const jobsReply = z.strictObject({
  queues: z.array(jobQueue),
  data: z.array(jobEntry).describe("Oldest first, at most `limit`."),
  total: count.describe("How many jobs there are of the state and the queue that were asked for."),
  read_at: instant
    .nullable()
    .describe("When the jobs were read from the database; null before they ever were."),
  is_current: z
    .boolean()
    .describe("False while the database cannot be read: the jobs are those that were read last."),
});

const jobStateOfHistory = z
  .enum(["waiting", "running", "retrying", "failed", "cancelled"])
  .nullable()
  .describe("The state of its job; null when it is done, or not kept any more.");

export const verificationsQuery = z
  .strictObject({
    customer_id: uuid.optional(),
    phone_number: z
      .string()
      .regex(/^\+[1-9]\d{1,14}$/, "must be a phone number such as +4915112345678")
      .optional(),
  })
  .refine(({ customer_id, phone_number }) => (customer_id === undefined) !== (phone_number === undefined), {
    message: "give either customer_id or phone_number",
    path: ["customer_id"],
  });

const maskedPhone = z.string().describe("Only its last 3 digits are shown.");

const verificationEntry = z.strictObject({
  id: uuid,
  status: z.enum(["pending", "expired", "verified", "exhausted", "superseded"]),
  phone_number: maskedPhone,
  created_at: instant,
  expires_at: instant,
  ended_at: instant.nullable(),
  sms_sent_at: instant.nullable(),
  sms_error: z.string().nullable(),
  wrong_attempts_at: z.array(instant),
  attempts_max: count,
  job_state: jobStateOfHistory,
});

export const verificationsReply = z.strictObject({
  data: z
    .array(
      z.strictObject({
        customer_id: uuid,
        phone_number: maskedPhone,
        created_at: instant,
        verified_at: instant.nullable(),
        account_id: uuid.nullable().describe("The customer whom a verified phone belongs to."),
        verifications: z.array(verificationEntry).describe("Newest first, at most 20."),
      }),
    )
    .describe("Newest first, at most 20."),
});

export const restocksQuery = z.strictObject({ event_id: uuid });

const restockEntry = z.strictObject({
  id: uuid,
  status: z.enum(["open", "placed", "delivered", "given_up", "cancelled"]),
  quantity: count,
  supplier: z.string().describe("The host of its address."),
  attempts: count,
  last_error: z.string().nullable(),
  supplier_reference: z.string().nullable(),
  created_at: instant,
  placed_at: instant.nullable(),
  delivered_at: instant.nullable(),
  closed_at: instant.nullable(),
  job_state: jobStateOfHistory,
});

export const restocksReply = z.strictObject({
  event: z
    .strictObject({
      id: uuid,
      name: z.string(),
      rule: z.strictObject({ threshold: count, quantity: count, supplier: z.string() }).nullable(),
      is_held_back: z
        .boolean()
        .describe("An order came to nothing: the next one waits until the stock has recovered."),
      open_order_id: uuid.nullable(),
    })
    .nullable()
    .describe("Null when there is no such event."),
  data: z.array(restockEntry).describe("Newest first, at most 50."),
});

export const outboxQuery = z.strictObject({ kind: z.enum(["sms", "email"]) });

export const outboxReply = z.strictObject({
  is_kept: z.boolean().describe("False when messages of this kind go to a real provider."),
  data: z
    .array(z.strictObject({ id: z.string(), to: z.string(), text: z.string(), at: instant }))
    .describe("Newest first, at most 50. Long texts are cut."),
});

export type JobQueue = z.infer<typeof jobQueue>;
export type JobEntry = z.infer<typeof jobEntry>;
export type Jobs = z.infer<typeof jobsReply>;
export type Verifications = z.infer<typeof verificationsReply>;
export type Restocks = z.infer<typeof restocksReply>;
export type Outbox = z.infer<typeof outboxReply>;
