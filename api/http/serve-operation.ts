import type { Request, RequestHandler, Response } from "express";
import type { BodyOf, Operation, OperationName, QueryOf } from "../contract/operations.ts";
import type { RecordedClaim } from "../desk/waiting-command.ts";
import type { StockOutcome } from "../domain/commands.ts";
import type { IdempotencyClaim } from "../kernel/idempotency.ts";
import { type Caller, identifyCaller, requireAccess } from "./caller.ts";
import { claimOf, readIdempotencyKey } from "./idempotency-key.ts";
import { outcomeReply } from "./outcome-reply.ts";
import { problemReply, RequestProblem } from "./problem-reply.ts";
import { ClientGoneError } from "./read-body.ts";
import { readJsonBody } from "./read-json-body.ts";
import { readQuery } from "./read-query.ts";
import { type Reply, sendReply, withHeaders } from "./reply.ts";
import { requireOwnPages } from "./require-own-pages.ts";
import { requestIdOf } from "./request-id.ts";
import type { Services } from "./services.ts";
import { OperationTimer } from "./time-requests.ts";
import { validate } from "./validate.ts";

/** A request whose caller is known and allowed, and whose values are valid. */
export interface ApiRequest<Body = unknown, Query = unknown> {
  readonly requestId: string;
  readonly caller: Caller;
  /** Tells this caller from all others; strangers by their address. */
  readonly callerName: string;
  /** Where the request comes from. */
  readonly address: string;
  readonly body: Body;
  readonly query: Query;
  /** The path as sent, without the query. */
  readonly path: string;
  /** The request's hold on its idempotency key, if it has one. */
  readonly claim: IdempotencyClaim | null;
  /** What only this client knows: its credentials and its idempotency key. Replies with secrets are sealed by it. */
  readonly secret: string;
  /** The value of a parameter in the path: a UUID in lower case. */
  param(name: string): string;
}

export type Handler<Name extends OperationName> = (
  request: ApiRequest<BodyOf<Name>, QueryOf<Name>>,
  services: Services,
) => Reply | Promise<Reply>;

/**
 * The claim of a request together with the way its outcome is put on record.
 *
 * @param orderStatus as `outcomeReply` takes it
 */
export function recordedClaim(request: ApiRequest, orderStatus: 200 | 201 = 200): RecordedClaim | null {
  const { claim, requestId } = request;
  if (claim === null) return null;
  return { ...claim, render: (outcome: StockOutcome) => outcomeReply(outcome, requestId, orderStatus) };
}

/**
 * Turns a call of the contract into an Express handler: who calls, may they, is what they sent valid, and only then
 * the work. Whatever goes wrong on the way is answered as a problem document.
 */
export function serveOperation(
  operation: Operation,
  handler: (request: ApiRequest<never, never>, services: Services) => Reply | Promise<Reply>,
  services: Services,
): RequestHandler {
  const timer = new OperationTimer(services.recorder, operation);
  return async (request, response) => {
    const sinceMs = performance.now();
    const requestId = requestIdOf(request);
    services.door.enter();
    try {
      if (operation.method !== "get") requireOwnPages(request);
      const identified = identifyCaller(request, services);
      const caller = identified instanceof Promise ? await identified : identified;
      const counting = services.rateLimiter.count(request, caller);
      const limitHeaders = counting === null ? null : await counting;
      requireAccess(caller, operation.access, services);
      const accepted = await acceptRequest(operation, request, caller, requestId, services);
      const reply = await handler(accepted as ApiRequest<never, never>, services);
      sendReply(response, limitHeaders === null ? reply : withHeaders(reply, limitHeaders), requestId);
    } catch (error) {
      sendFailure(error, response, requestId, services, operation.path);
    }
    services.door.leave();
    timer.finish(response, sinceMs);
  };
}

async function acceptRequest(
  operation: Operation,
  request: Request,
  caller: Caller,
  requestId: string,
  { door }: Pick<Services, "door">,
): Promise<ApiRequest> {
  const params = readParams(operation, request);
  const query =
    operation.query === undefined ? undefined : validate(operation.query, readQuery(request.originalUrl));
  const body =
    operation.body === undefined
      ? undefined
      : validate(operation.body, await door.whileWaiting(() => readJsonBody(request)));
  const key = operation.method === "post" ? readIdempotencyKey(request) : null;
  return {
    requestId,
    caller,
    // Most calls want neither, and finding an address out takes its time.
    get callerName() {
      return callerName(caller, request);
    },
    get address() {
      return request.ip ?? "unknown";
    },
    query,
    body,
    path: request.path,
    claim: key === null ? null : claimOf(callerName(caller, request), request.path, key, body),
    get secret() {
      return `${request.headers.authorization ?? ""}\n${key ?? ""}`;
    },
    param: (parameter) => params[parameter] ?? "",
  };
}

/** Strangers are told apart by address, so that one cannot be given the reply to another. */
function callerName(caller: Caller, request: Request): string {
  return caller.kind === "anonymous" ? `anonymous ${request.ip ?? ""}` : caller.name;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is not even a UUID names nothing, which is what a stranger is told of any id that is not theirs. */
export function readParams(operation: Operation, request: Request): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params)) {
    if (typeof value !== "string" || !uuidPattern.test(value))
      throw new RequestProblem(operation.missing ?? "not_found");
    params[name] = value.toLowerCase();
  }
  return params;
}

export type FailureServices = Pick<Services, "log" | "isUnavailable">;

/**
 * Answers whatever was thrown. A defect is logged whole and answered without any of its insides.
 *
 * @param route the template of the path, where the request got as far as one
 */
export function sendFailure(
  error: unknown,
  response: Response,
  requestId: string,
  services: FailureServices,
  route: string | null = null,
): void {
  if (error instanceof ClientGoneError) return;
  if (error instanceof RequestProblem) {
    sendReply(response, problemReply(error.code, requestId, error.details), requestId);
    return;
  }
  if (services.isUnavailable(error)) {
    const entry = { err: error, request_id: requestId, route, status: 503 };
    services.log.warn(entry, "The database could not be reached.");
    sendReply(response, problemReply("database_unavailable", requestId), requestId);
    return;
  }
  services.log.error({ err: error, request_id: requestId, route, status: 500 }, "A request failed.");
  sendReply(response, problemReply("internal_error", requestId), requestId);
}
