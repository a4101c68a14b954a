import { errorsQuery, type Errors, seriesQuery } from "../contract/dashboard.ts";
import { salesQuery, timelineQuery } from "../contract/dashboard-lists.ts";
import { noBody, pauseEventBody } from "../contract/events.ts";
import { uuid } from "../contract/values.ts";
import { problemReply, RequestProblem } from "../http/problem-reply.ts";
import { emptyReply, jsonReply, jsonType, type Reply } from "../http/reply.ts";
import { validate } from "../http/validate.ts";
import { buildSeries } from "./build-series.ts";
import type { ErrorFeed } from "./error-feed.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { type JobRouteParts, listJobRoutes } from "./job-routes.ts";
import { listNodes, listWorkers } from "./list-machines.ts";
import { listSales } from "./list-sales.ts";
import type { MarkLog } from "./mark-log.ts";
import type { OperationsPorts } from "./operations-ports.ts";
import type { PauseWatch } from "./pause-watch.ts";
import type { MetricsPage } from "./render-metrics.ts";
import { changeRoute, type OperationsRequest, readRoute, type Route } from "./route.ts";
import type { SecondHistory } from "./second-history.ts";
import { readinessReply } from "./serve-health.ts";
import { traceReservation, traceUser } from "./trace-reservations.ts";

/** What the calls of the listener are answered from. */
export interface RouteParts extends JobRouteParts {
  readonly ports: JobRouteParts["ports"] & Pick<OperationsPorts, "setPaused">;
  readonly history: SecondHistory;
  readonly marks: MarkLog;
  readonly feed: ErrorFeed;
  readonly heartbeat: Heartbeat;
  readonly pauses: PauseWatch;
  readonly metrics: MetricsPage;
}

/** Everything that the operations listener answers beside the dashboard's files. */
export function listRoutes(parts: RouteParts): Route[] {
  const { tower, history, marks, feed, heartbeat, database } = parts;
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
    readRoute("/ops/v1/overview", () => textReply(tower.overviewText())),
    readRoute("/ops/v1/series", ({ query }) =>
      jsonReply(200, buildSeries(history, marks, validate(seriesQuery, query).minutes)),
    ),
    readRoute("/ops/v1/errors", ({ query }) =>
      jsonReply(200, listErrors(feed, validate(errorsQuery, query).after)),
    ),
    readRoute("/ops/v1/workers", () => jsonReply(200, listWorkers(tower.look().cluster))),
    readRoute("/ops/v1/nodes", () => jsonReply(200, listNodes(heartbeat.nodes()))),
    readRoute("/ops/v1/sales", async ({ query }) =>
      jsonReply(200, await listSales(database, validate(salesQuery, query))),
    ),
    readRoute("/ops/v1/reservations", async ({ query }) => {
      const { id, user_id } = validate(timelineQuery, query);
      return jsonReply(
        200,
        await (id === undefined ? traceUser(database, user_id ?? "") : traceReservation(database, id)),
      );
    }),
    changeRoute("/ops/v1/sales/{event_id}/pause", async (request) => {
      const { reason } = validate(pauseEventBody, await request.readBody());
      return setPaused(parts, request, reason);
    }),
    changeRoute("/ops/v1/sales/{event_id}/resume", async (request) => {
      validate(noBody, await request.readBody());
      return setPaused(parts, request, null);
    }),
    ...listJobRoutes(parts),
  ];
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
