import { errorsQuery, type Errors, seriesQuery } from "../contract/dashboard.ts";
import { salesQuery, timelineQuery } from "../contract/dashboard-lists.ts";
import { noBody, pauseEventBody } from "../contract/events.ts";
import { uuid } from "../contract/values.ts";
import { problemReply, RequestProblem } from "../http/problem-reply.ts";
import { emptyReply, jsonReply, jsonType, type Reply } from "../http/reply.ts";
import { validate } from "../http/validate.ts";
import type { Database } from "../store/open-database.ts";
import { buildSeries } from "./build-series.ts";
import type { ErrorFeed } from "./error-feed.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { listJobs } from "./list-jobs.ts";
import { listNodes, listWorkers } from "./list-machines.ts";
import { listSales } from "./list-sales.ts";
import type { MarkLog } from "./mark-log.ts";
import type { OperationsPorts } from "./operations-ports.ts";
import type { PauseWatch } from "./pause-watch.ts";
import type { MetricsPage } from "./render-metrics.ts";
import type { OperationsRequest, Route } from "./route.ts";
import type { SecondHistory } from "./second-history.ts";
import { readinessReply } from "./serve-health.ts";
import { traceReservation, traceUser } from "./trace-reservations.ts";
import type { Watchtower } from "./watchtower.ts";
import type { WorkerReports } from "./worker-reports.ts";

/** What the calls of the listener are answered from. */
export interface RouteParts {
  readonly ports: Pick<OperationsPorts, "setPaused" | "runJob">;
  readonly database: Database;
  readonly history: SecondHistory;
  readonly marks: MarkLog;
  readonly reports: WorkerReports;
  readonly feed: ErrorFeed;
  readonly heartbeat: Heartbeat;
  readonly pauses: PauseWatch;
  readonly tower: Watchtower;
  readonly metrics: MetricsPage;
}

/** Everything that the operations listener answers beside the dashboard's files. */
export function listRoutes(parts: RouteParts): Route[] {
  const { tower, history, marks, feed, heartbeat, reports, database } = parts;
  return [
    { method: "GET", path: "/livez", access: "anyone", serve: () => jsonReply(200, { status: "ok" }) },
    {
      method: "GET",
      path: "/readyz",
      access: "anyone",
      serve: ({ query, requestId }) =>
        readinessReply(tower.look(), { verbose: Object.hasOwn(query, "verbose"), requestId }),
    },
    { method: "GET", path: "/metrics", access: "observer", serve: () => serveMetrics(parts.metrics) },
    read("/ops/v1/overview", () => textReply(tower.overviewText())),
    read("/ops/v1/series", ({ query }) =>
      jsonReply(200, buildSeries(history, marks, validate(seriesQuery, query).minutes)),
    ),
    read("/ops/v1/errors", ({ query }) =>
      jsonReply(200, listErrors(feed, validate(errorsQuery, query).after)),
    ),
    read("/ops/v1/workers", () => jsonReply(200, listWorkers(tower.look().cluster))),
    read("/ops/v1/nodes", () => jsonReply(200, listNodes(heartbeat.nodes()))),
    read("/ops/v1/jobs", () =>
      jsonReply(200, listJobs(reports.jobs(), tower.measure().database.overdue?.count ?? null)),
    ),
    read("/ops/v1/sales", async ({ query }) =>
      jsonReply(200, await listSales(database, validate(salesQuery, query))),
    ),
    read("/ops/v1/reservations", async ({ query }) => {
      const { id, user_id } = validate(timelineQuery, query);
      return jsonReply(
        200,
        await (id === undefined ? traceUser(database, user_id ?? "") : traceReservation(database, id)),
      );
    }),
    change("/ops/v1/sales/{event_id}/pause", async (request) => {
      const { reason } = validate(pauseEventBody, await request.readBody());
      return setPaused(parts, request, reason);
    }),
    change("/ops/v1/sales/{event_id}/resume", async (request) => {
      validate(noBody, await request.readBody());
      return setPaused(parts, request, null);
    }),
    change("/ops/v1/jobs/{name}/run", async (request) => {
      validate(noBody, await request.readBody());
      return runJob(parts, request.param("name"));
    }),
  ];
}

function read(path: string, serve: Route["serve"]): Route {
  return { method: "GET", path, access: "observer", serve };
}

function change(path: string, serve: Route["serve"]): Route {
  return { method: "POST", path, access: "admin", serve };
}

async function serveMetrics(metrics: MetricsPage): Promise<Reply> {
  const { contentType, text } = await metrics.render();
  return { status: 200, body: text, contentType, headers: [] };
}

function textReply(body: string): Reply {
  return { status: 200, body, contentType: jsonType, headers: [] };
}

function listErrors(feed: ErrorFeed, after: number): Errors {
  const { entries, dropped } = feed.after(after);
  return {
    data: entries.map(({ at_ms, ...entry }) => ({ ...entry, at: new Date(at_ms).toISOString() })),
    dropped,
  };
}

async function setPaused(
  { ports, pauses }: RouteParts,
  { param, actor, requestId }: OperationsRequest,
  reason: string | null,
): Promise<Reply> {
  const eventId = uuid.safeParse(param("event_id"));
  if (!eventId.success) throw new RequestProblem("event_not_found");
  const outcome = await ports.setPaused({ eventId: eventId.data, reason, actor });
  switch (outcome) {
    case "done":
      pauses.lookNow();
      return emptyReply;
    case "event_not_found":
      return problemReply("event_not_found", requestId);
    case "unavailable":
      return problemReply("database_unavailable", requestId);
  }
}

function runJob({ ports, reports }: RouteParts, name: string): Reply {
  const isKnown = reports.jobs().some((job) => job.name === name && job.can_run_now);
  if (!isKnown || !ports.runJob(name)) {
    throw new RequestProblem("not_found", { detail: "No job of that name can be run on this machine." });
  }
  return emptyReply;
}
