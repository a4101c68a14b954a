import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { firstFile, type PageFiles } from "../http/page-files.ts";
import { problemReply, RequestProblem } from "../http/problem-reply.ts";
import { ClientGoneError } from "../http/read-body.ts";
import { readJsonBody } from "../http/read-json-body.ts";
import { readQuery } from "../http/read-query.ts";
import { type Reply, sendReply } from "../http/reply.ts";
import { requestIdOf } from "../http/request-id.ts";
import type { Log } from "../kernel/log.ts";
import { failureKindOf } from "../store/sqlstate.ts";
import type { RequestGuard } from "./guard-requests.ts";
import { createRouter, type Route, type RouteMatch } from "./route.ts";

interface AnsweringParts {
  readonly routes: readonly Route[];
  readonly guard: RequestGuard;
  readonly files: PageFiles;
  readonly log: Log;
}

/** Answers the requests of the operations listener: calls first, then the dashboard's files. Never throws. */
export function createRequestListener(parts: AnsweringParts): RequestListener {
  const findRoutes = createRouter(parts.routes);
  return (request, response) => {
    const requestId = requestIdOf(request);
    answer(request, response, requestId).catch((error: unknown) => {
      const reply = explainFailure(error, requestId, parts.log);
      if (reply !== null) sendReply(response, reply, requestId);
    });
  };

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    parts.guard.requireKnownHost(request);
    const path = pathOf(request);
    const isReading = request.method === "GET" || request.method === "HEAD";
    const matches = findRoutes(path);
    if (matches.length === 0) {
      if (path.startsWith("/ops/")) throw new RequestProblem("not_found");
      if (!isReading) throw methodNotAllowed(["GET"]);
      // An address without a file name is a page of the dashboard, which finds its way by itself.
      const isPage = !/\.[^/]*$/.test(path);
      if (await parts.files.serve(request, response, isPage ? firstFile : path)) return;
      throw new RequestProblem("not_found");
    }
    const method = isReading ? "GET" : request.method;
    const match = matches.find(({ route }) => route.method === method);
    if (match === undefined) throw methodNotAllowed(matches.map(({ route }) => route.method));
    sendReply(response, await serve(match, request, requestId), requestId);
  }

  async function serve(
    { route, params }: RouteMatch,
    request: IncomingMessage,
    requestId: string,
  ): Promise<Reply> {
    const actor = await parts.guard.requireAccess(request, route.access);
    return route.serve({
      requestId,
      actor,
      query: readQuery(request.url ?? ""),
      readBody: () => readRequiredBody(request),
      param: (name) => params[name] ?? "",
    });
  }
}

/** A form of another page can send a body that is no JSON, but never one that says it is. */
function readRequiredBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers["content-type"] === undefined) throw new RequestProblem("unsupported_media_type");
  return readJsonBody(request);
}

function pathOf({ url }: IncomingMessage): string {
  const path = url?.split("?", 1)[0] ?? "";
  if (!path.startsWith("/") || !isText(path))
    throw new RequestProblem("malformed_request", { detail: "The path is not valid." });
  return path;
}

/** Whether what is escaped in a path comes to text. */
function isText(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function methodNotAllowed(methods: readonly string[]): RequestProblem {
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return new RequestProblem("method_not_allowed", { headers: ["Allow", allowed.join(", ")] });
}

/** @returns null when nobody is left to be answered */
function explainFailure(error: unknown, requestId: string, log: Log): Reply | null {
  if (error instanceof ClientGoneError) return null;
  if (error instanceof RequestProblem) return problemReply(error.code, requestId, error.details);
  // That the database is away is told once, by whoever watches it. A table that is locked passes by itself, too.
  const kind = failureKindOf(error);
  if (kind === "unavailable" || kind === "lock_timeout")
    return problemReply("database_unavailable", requestId);
  log.error({ err: error, request_id: requestId }, "A request to the operations listener failed.");
  return problemReply("internal_error", requestId);
}
