import { jobsQuery, outboxQuery, restocksQuery, verificationsQuery } from "../contract/job-lists.ts";
import { noBody } from "../contract/events.ts";
import { RequestProblem } from "../http/problem-reply.ts";
import { emptyReply, jsonReply, type Reply } from "../http/reply.ts";
import { validate } from "../http/validate.ts";
import type { JobWatch } from "./job-watch.ts";
import { listQueues } from "./list-jobs.ts";
import type { OperationsPorts } from "./operations-ports.ts";
import { presentJobs } from "./present-jobs.ts";
import { readOutbox } from "./read-outbox.ts";
import { changeRoute, type OperationsRequest, readRoute, type Route } from "./route.ts";
import { steerJob, type SteeringParts } from "./steer-jobs.ts";
import { traceRestocks, traceVerifications } from "./trace-jobs.ts";
import type { Watchtower } from "./watchtower.ts";
import type { WorkerReports } from "./worker-reports.ts";

/** What the calls about jobs are answered from. */
export interface JobRouteParts extends SteeringParts {
  readonly ports: SteeringParts["ports"] & Pick<OperationsPorts, "runJob" | "outboxes">;
  readonly reports: WorkerReports;
  readonly tower: Watchtower;
  readonly jobWatch: JobWatch;
}

/** Everything about the background work: lists, steering, histories, and the demo's messages. */
export function listJobRoutes(parts: JobRouteParts): Route[] {
  const { database, ports } = parts;
  return [
    readRoute("/ops/v1/jobs", ({ query }) => listJobs(parts, query)),
    changeRoute("/ops/v1/jobs/{name}/run", async (request) => {
      validate(noBody, await request.readBody());
      return runJob(parts, request.param("name"));
    }),
    changeRoute("/ops/v1/jobs/{queue}/{id}/retry", (request) => steer(parts, request, "retry")),
    changeRoute("/ops/v1/jobs/{queue}/{id}/cancel", (request) => steer(parts, request, "cancel")),
    readRoute("/ops/v1/verifications", async ({ query }) => {
      const { customer_id: customerId, phone_number: phoneNumber = "" } = validate(verificationsQuery, query);
      const sought = customerId === undefined ? { phoneNumber } : { customerId };
      return jsonReply(200, await traceVerifications(database, sought));
    }),
    readRoute("/ops/v1/restocks", async ({ query }) =>
      jsonReply(200, await traceRestocks(database, validate(restocksQuery, query).event_id)),
    ),
    {
      method: "GET",
      path: "/ops/v1/outbox",
      // Codes stand in these messages. On a demo's phone everybody may see them.
      access: ports.outboxes.isDemo ? "observer" : "admin",
      serve: async ({ query }) => {
        const { kind } = validate(outboxQuery, query);
        const { smsFile, emailFile } = ports.outboxes;
        return jsonReply(200, await readOutbox(kind === "sms" ? smsFile : emailFile));
      },
    },
  ];
}

async function listJobs(
  { reports, tower, jobWatch }: JobRouteParts,
  asked: OperationsRequest["query"],
): Promise<Reply> {
  const query = validate(jobsQuery, asked);
  const board = await jobWatch.look();
  const { cluster, database } = tower.look();
  const reported = listQueues(reports.jobs(), database.overdue?.count ?? null);
  return jsonReply(200, presentJobs({ reported, hasWorkers: cluster.live > 0, board }, query));
}

function runJob({ ports, reports }: JobRouteParts, name: string): Reply {
  const isKnown = reports.jobs().some((job) => job.name === name && job.can_run_now);
  if (!isKnown || !ports.runJob(name)) {
    throw new RequestProblem("not_found", { detail: "No job of that name can be run on this machine." });
  }
  return emptyReply;
}

async function steer(
  parts: JobRouteParts,
  { param, actor, requestId, readBody }: OperationsRequest,
  act: "retry" | "cancel",
): Promise<Reply> {
  validate(noBody, await readBody());
  await steerJob(parts, { act, queue: param("queue"), id: param("id"), actor, requestId });
  parts.jobWatch.forget();
  return emptyReply;
}
