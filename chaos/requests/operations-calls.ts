import type { z } from "zod";
import {
  errorsQuery,
  errorsReply,
  overviewReply,
  seriesQuery,
  seriesReply,
} from "../../api/contract/dashboard.ts";
import {
  nodesReply,
  salesQuery,
  salesReply,
  timelineQuery,
  timelineReply,
  workersReply,
} from "../../api/contract/dashboard-lists.ts";
import { noBody, pauseEventBody } from "../../api/contract/events.ts";
import {
  jobsQuery,
  jobsReply,
  outboxQuery,
  outboxReply,
  restocksQuery,
  restocksReply,
  verificationsQuery,
  verificationsReply,
} from "../../api/contract/job-lists.ts";
import type { ProblemCode } from "../../api/contract/problems.ts";

/** One call of the operations listener. */
export interface OperationsCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Null: an empty 204. */
  readonly reply: z.ZodType | null;
  /** Told as plain text, of which only the type is judged. */
  readonly isText?: true;
  readonly problems: readonly ProblemCode[];
}

const steering = ["job_not_found", "job_running", "job_not_cancellable", "job_not_retryable"] as const;
const closing = ["restock_order_closed", "restock_in_progress"] as const;

/** Every call of the operations listener that answers by a schema. */
export const operationsCalls = {
  metrics: { method: "GET", path: "/metrics", reply: null, isText: true, problems: [] },
  overview: { method: "GET", path: "/ops/v1/overview", reply: overviewReply, problems: [] },
  series: { method: "GET", path: "/ops/v1/series", query: seriesQuery, reply: seriesReply, problems: [] },
  errors: { method: "GET", path: "/ops/v1/errors", query: errorsQuery, reply: errorsReply, problems: [] },
  workers: { method: "GET", path: "/ops/v1/workers", reply: workersReply, problems: [] },
  nodes: { method: "GET", path: "/ops/v1/nodes", reply: nodesReply, problems: [] },
  sales: { method: "GET", path: "/ops/v1/sales", query: salesQuery, reply: salesReply, problems: [] },
  timeline: {
    method: "GET",
    path: "/ops/v1/reservations",
    query: timelineQuery,
    reply: timelineReply,
    problems: [],
  },
  pause: {
    method: "POST",
    path: "/ops/v1/sales/{event_id}/pause",
    body: pauseEventBody,
    reply: null,
    problems: ["event_not_found"],
  },
  resume: {
    method: "POST",
    path: "/ops/v1/sales/{event_id}/resume",
    body: noBody,
    reply: null,
    problems: ["event_not_found"],
  },
  jobs: { method: "GET", path: "/ops/v1/jobs", query: jobsQuery, reply: jobsReply, problems: [] },
  run_job: { method: "POST", path: "/ops/v1/jobs/{name}/run", body: noBody, reply: null, problems: [] },
  retry_job: {
    method: "POST",
    path: "/ops/v1/jobs/{queue}/{id}/retry",
    body: noBody,
    reply: null,
    problems: [...steering, ...closing],
  },
  cancel_job: {
    method: "POST",
    path: "/ops/v1/jobs/{queue}/{id}/cancel",
    body: noBody,
    reply: null,
    problems: [...steering, ...closing],
  },
  verifications: {
    method: "GET",
    path: "/ops/v1/verifications",
    query: verificationsQuery,
    reply: verificationsReply,
    problems: [],
  },
  restocks: {
    method: "GET",
    path: "/ops/v1/restocks",
    query: restocksQuery,
    reply: restocksReply,
    problems: [],
  },
  outbox: { method: "GET", path: "/ops/v1/outbox", query: outboxQuery, reply: outboxReply, problems: [] },
} as const satisfies Record<string, OperationsCall>;

export type OperationsCallName = keyof typeof operationsCalls;
