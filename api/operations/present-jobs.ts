import type { JobEntry, JobQueue, Jobs } from "../contract/job-lists.ts";
import { presentInstant, presentOptionalInstant } from "../http/present.ts";
import { type BoardJob, deliveryQueue, type JobSubject } from "../store/job-board.ts";
import type { QueueName } from "../store/job-queue-options.ts";
import type { SeenBoard } from "./job-watch.ts";
import { maskPhone } from "./mask-phone.ts";

/** A queue whose jobs can be steered one by one. */
export type SteeredQueue = QueueName | typeof deliveryQueue;

/** What a queue's jobs do, and whether somebody may decide that one is not done. Money is never left undone. */
const queues: Readonly<Record<SteeredQueue, { readonly purpose: string; readonly canCancel: boolean }>> = {
  "settle-payment": {
    purpose: "Asks what came of payments whose request could not tell.",
    canCancel: false,
  },
  "refund-payment": { purpose: "Returns the money of refunded orders.", canCancel: false },
  "send-receipt": { purpose: "Sends buyers their receipts.", canCancel: true },
  "send-code": { purpose: "Sends the codes that verify phones.", canCancel: true },
  "place-restock-order": { purpose: "Places restock orders with their suppliers.", canCancel: true },
  "deliver-webhooks": { purpose: "Tells the shop's own systems what happened.", canCancel: true },
};

const noCounts = { waiting: 0, running: 0, retrying: 0, failed: 0 };

/** Whether a queue has jobs that can be steered. */
export function isSteered(queue: string): queue is SteeredQueue {
  return Object.hasOwn(queues, queue);
}

/** Whether a queue's jobs may be cancelled. */
export function isCancellable(queue: SteeredQueue): boolean {
  return queues[queue].canCancel;
}

interface ListedParts {
  /** The kinds of work that workers report. */
  readonly reported: readonly JobQueue[];
  /** Whether a worker is there that a job could be run by. */
  readonly hasWorkers: boolean;
  /** Null when the jobs could never be read. */
  readonly board: SeenBoard | null;
}

/** The kinds of work, and the single jobs of the state and the queue that are asked for. */
export function presentJobs(
  { reported, hasWorkers, board }: ListedParts,
  query: { readonly state?: string | undefined; readonly queue?: string | undefined; readonly limit: number },
): Jobs {
  const asked = (board?.jobs ?? []).filter(
    ({ state, queue }) =>
      (query.state === undefined || state === query.state) &&
      (query.queue === undefined || queue === query.queue),
  );
  return {
    queues: listAll(reported, board, hasWorkers),
    data: asked.slice(0, query.limit).map(presentJob),
    total: countAsked(board, query),
    read_at: presentOptionalInstant(board?.readAtMs ?? null),
    is_current: board?.isCurrent ?? false,
  };
}

/** What is counted in the database is newer than what a worker reported, and right also when none does. */
function listAll(reported: readonly JobQueue[], board: SeenBoard | null, hasWorkers: boolean): JobQueue[] {
  const known = new Set(reported.map(({ name }) => name));
  const others = [...(board?.counts.keys() ?? [])].filter((name) => !known.has(name)).toSorted();
  return [...reported, ...others.map(describeUnreported)].map((queue) => {
    const isCounted = board !== null && board.isCurrent && isSteered(queue.name);
    return {
      ...queue,
      counts: isCounted ? { ...noCounts, ...board.counts.get(queue.name) } : queue.counts,
      can_run_now: queue.can_run_now && hasWorkers,
      lists_jobs: isSteered(queue.name),
    };
  });
}

/** A queue of which no worker tells. */
function describeUnreported(name: string): JobQueue {
  return {
    name,
    purpose: isSteered(name) ? queues[name].purpose : "",
    counts: noCounts,
    runs_total: 0,
    failures_total: 0,
    last_run_at: null,
    last_error: null,
    next_run_at: null,
    can_run_now: false,
    lists_jobs: true,
  };
}

function countAsked(
  board: SeenBoard | null,
  query: { readonly state?: string | undefined; readonly queue?: string | undefined },
): number {
  let total = 0;
  for (const [name, counts] of board?.counts ?? []) {
    if (query.queue !== undefined && name !== query.queue) continue;
    for (const [state, count] of Object.entries(counts))
      if (query.state === undefined || state === query.state) total += count;
  }
  return total;
}

function presentJob(job: BoardJob): JobEntry {
  const { queue, state, subject } = job;
  const isIdle = state !== "running";
  const isDelivery = queue === deliveryQueue;
  return {
    id: job.id,
    queue,
    state,
    attempts: job.attempts,
    created_at: presentInstant(job.createdAtMs),
    started_at: presentOptionalInstant(job.startedAtMs),
    next_try_at: presentOptionalInstant(job.nextTryAtMs),
    last_error: job.lastError,
    about: subject === null ? null : { kind: subject.kind, id: subject.id, text: describe(queue, subject) },
    can_retry: isIdle && isSteered(queue) && !(isDelivery && subject === null),
    can_cancel: isIdle && isSteered(queue) && isCancellable(queue) && !(isDelivery && state === "failed"),
  };
}

function describe(queue: string, { kind, detail }: JobSubject): string {
  switch (kind) {
    case "order":
      return queue === "send-receipt" ? "Receipt of an order" : "Payment of an order";
    case "customer":
      return `Code for ${maskPhone(detail ?? "")}`;
    case "event":
      return `Restock of ${detail ?? "an event"}`;
    case "webhook_endpoint":
      return detail ?? "A message";
  }
}
