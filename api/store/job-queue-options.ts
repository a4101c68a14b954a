import type { QueueName } from "../domain/durable-job.ts";

export type { QueueName } from "../domain/durable-job.ts";

/** Where the queue's library keeps its tables. */
export const jobSchema = "pgboss";

/** How the jobs of a queue are kept and repeated. The names are those of the queue's library. */
interface QueueOptions {
  readonly retryLimit: number;
  readonly retryDelay: number;
  readonly retryBackoff: boolean;
  readonly retryDelayMax: number;
  readonly expireInSeconds: number;
  readonly heartbeatSeconds: number;
  readonly retentionSeconds: number;
  readonly deleteAfterSeconds: number;
}

const daySeconds = 86_400;

/** Tried again after 1 to 2 seconds, then about twice as long each time, up to a minute. */
const persistent: QueueOptions = {
  // Money is never forgotten: years of tries.
  retryLimit: 10_000_000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 60,
  heartbeatSeconds: 10,
  // What has not been done for so long would be deleted.
  retentionSeconds: 10 * 365 * daySeconds,
  deleteAfterSeconds: 3 * daySeconds,
};

/** A mailbox that takes nothing for three days will not take it later either. What is given up stays to be seen. */
const patient: QueueOptions = { ...persistent, retryLimit: 3 * 24 * 60 };

/** Somebody looks at a page that says "We are checking your payment", and stock may be waiting too. */
const eager: QueueOptions = { ...persistent, retryDelayMax: 15 };

/** Nobody waits for a code for longer than it is valid; whoever is late asks for another. */
const brief: QueueOptions = { ...persistent, retryLimit: 100, retryDelayMax: 5 };

export const queueOptions: Readonly<Record<QueueName, QueueOptions>> = {
  "settle-payment": eager,
  "refund-payment": persistent,
  "send-receipt": patient,
  "send-code": brief,
  "place-restock-order": patient,
};

export const queueNames = Object.keys(queueOptions) as readonly QueueName[];
