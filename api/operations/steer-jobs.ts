import type { ProblemCode } from "../contract/problems.ts";
import { uuid } from "../contract/values.ts";
import { RequestProblem } from "../http/problem-reply.ts";
import type { Log } from "../kernel/log.ts";
import { deliveryQueue } from "../store/job-board.ts";
import type { Database } from "../store/open-database.ts";
import {
  cancelDelivery,
  cancelQueuedJob,
  dismissFailedJob,
  retryDelivery,
  retryQueuedJob,
  selectRestockJob,
  type Steered,
} from "../store/steer-jobs.ts";
import type { OperationsPorts, RestockChange, RestockChanged } from "./operations-ports.ts";
import { isCancellable, isSteered, type SteeredQueue } from "./present-jobs.ts";

export interface SteeringParts {
  readonly database: Database;
  readonly log: Log;
  readonly ports: Pick<OperationsPorts, "closeRestock" | "reopenRestock">;
}

/** What somebody wants of a job. */
interface Wish {
  readonly act: "retry" | "cancel";
  readonly queue: string;
  readonly id: string;
  readonly actor: string;
  readonly requestId: string;
}

const cancelReason = "Cancelled by an operator.";
const deliveryId = /^[1-9]\d{0,17}$/;

/**
 * Has a job tried again at once, or not at all, straight in the database: no worker need live for it.
 *
 * @throws RequestProblem when the job is not there, runs, or is of a kind that this cannot be done to
 */
export async function steerJob(parts: SteeringParts, wish: Wish): Promise<void> {
  const { act, queue, id, actor, requestId } = wish;
  if (!isSteered(queue)) throw new RequestProblem("job_not_found");
  if (act === "cancel" && !isCancellable(queue)) throw new RequestProblem("job_not_cancellable");
  const outcome = await steer(parts, { ...wish, queue });
  if (outcome !== "done") throw new RequestProblem(problemOf(outcome, act));
  const words = act === "retry" ? "A job was made due by hand." : "A job was cancelled by hand.";
  parts.log.info({ queue, job: id, actor, request_id: requestId }, words);
}

async function steer(
  { database, ports }: SteeringParts,
  { act, queue, id, actor }: Wish & { readonly queue: SteeredQueue },
): Promise<Steered | RestockChanged> {
  if (queue === deliveryQueue) {
    if (!deliveryId.test(id)) return "not_found";
    return act === "retry" ? retryDelivery(database, id) : cancelDelivery(database, id, cancelReason);
  }
  const jobId = uuid.safeParse(id);
  if (!jobId.success) return "not_found";
  if (queue === "place-restock-order") {
    const change = act === "retry" ? ports.reopenRestock : ports.closeRestock;
    return steerRestock(database, { act, change, order: { restockOrderId: jobId.data, actor } });
  }
  return act === "retry"
    ? retryQueuedJob(database, queue, jobId.data)
    : cancelQueuedJob(database, queue, jobId.data);
}

interface RestockSteering {
  readonly act: Wish["act"];
  readonly change: (change: RestockChange) => Promise<RestockChanged>;
  readonly order: Omit<RestockChange, "eventId">;
}

/** An event knows the order that it waits for, so what becomes of one is decided where the event is locked. */
async function steerRestock(
  database: Database,
  { act, change, order }: RestockSteering,
): Promise<Steered | RestockChanged> {
  const id = order.restockOrderId;
  const job = await selectRestockJob(database, id);
  if (job === null) return "not_found";
  if (job.isRunning) return "is_running";
  const outcome = await change({ ...order, eventId: job.eventId });
  if (outcome !== "done") return outcome;
  // The desk leaves an order as it is that was under way, or closed, already; its job is not yet as it is wished.
  if (act === "retry") await retryQueuedJob(database, "place-restock-order", id);
  else await dismissFailedJob(database, "place-restock-order", id);
  return "done";
}

function problemOf(
  outcome: Exclude<Steered | RestockChanged, "done">,
  act: Wish["act"],
): Extract<ProblemCode, `job_${string}` | "database_unavailable"> {
  switch (outcome) {
    case "not_found":
      return "job_not_found";
    case "is_running":
      return "job_running";
    case "is_pointless":
      return act === "retry" ? "job_not_retryable" : "job_not_cancellable";
    case "unavailable":
      return "database_unavailable";
  }
}
