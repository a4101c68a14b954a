import type { ProblemKind } from "./problem-kind.ts";

/** The problems of customers, and of the work that is done beside the sale: restocking, webhooks, jobs. */
export const backgroundProblems = {
  restock_order_not_found: {
    status: 404,
    title: "There is no such restock order",
    help: "Check the restock order's id: it is the Idempotency-Key under which the supplier was asked.",
  },
  customer_not_found: {
    status: 404,
    title: "There is no such customer",
    help: "Check the customer's id, as answered when the customer was made. A buyer sees only their own account, and a stranger only a customer who has never been verified; others are answered as if they were missing.",
  },
  job_not_found: {
    status: 404,
    title: "There is no such job",
    help: "The job does not exist, was done or was cancelled. The list of jobs tells what is not done yet.",
  },
  capacity_too_high: {
    status: 409,
    title: "The event cannot have that many tickets",
    help: "An event can have 10,000,000 tickets at most. Nothing was changed.",
  },
  restock_order_closed: {
    status: 409,
    title: "The restock order has ended",
    help: "It was given up or cancelled, so a delivery for it raises no capacity; `restock_status` tells which. Somebody has to try it again first, or change the event's capacity.",
  },
  restock_in_progress: {
    status: 409,
    title: "Another restock order is under way",
    help: "An event has one restock order at a time. `restock_order_id` names the one that is open or placed.",
  },
  delivery_quantity_mismatch: {
    status: 409,
    title: "The delivery is not what was ordered",
    help: "A delivery is taken only as a whole: `quantity` tells how many tickets were ordered. Nothing was changed.",
  },
  webhook_endpoint_not_found: {
    status: 404,
    title: "There is no such webhook endpoint",
    help: "The endpoint does not exist or was deleted.",
  },
  webhook_message_not_found: {
    status: 404,
    title: "There is no such message",
    help: "The message was not sent to this endpoint, or is older than 7 days and was forgotten.",
  },
  webhook_endpoints_full: {
    status: 409,
    title: "There are too many webhook endpoints",
    help: "There can be 20 webhook endpoints at most. Delete one first.",
  },
  webhook_endpoint_disabled: {
    status: 409,
    title: "The webhook endpoint is disabled",
    help: "Nothing is sent to it. Enable it first.",
  },
  job_running: {
    status: 409,
    title: "The job is running",
    help: "Somebody is doing the job at this moment. Wait until its attempt has ended, and look at what came of it.",
  },
  job_not_cancellable: {
    status: 409,
    title: "The job cannot be cancelled",
    help: "Work that is about money is done until it has succeeded, and what was given up already need not be cancelled. Such a job can be tried again at once.",
  },
  job_not_retryable: {
    status: 409,
    title: "The job cannot be tried again",
    help: "What the job was about is gone or overtaken: a webhook endpoint was deleted, or an event waits for another restock order.",
  },
} as const satisfies Record<string, ProblemKind>;
