import type { Request, RequestHandler, Response } from "express";
import { type Operation, operations } from "../../contract/operations.ts";
import { identifyCaller, requireAccess } from "../caller.ts";
import { RequestProblem } from "../problem-reply.ts";
import { readQuery } from "../read-query.ts";
import { requestIdOf } from "../request-id.ts";
import { readParams, sendFailure } from "../serve-operation.ts";
import type { Services } from "../services.ts";
import { OperationTimer } from "../time-requests.ts";
import { validate } from "../validate.ts";
import { sendStreamHead, StockStream } from "./stock-stream.ts";

/** What a client asks to follow. */
interface Wish {
  readonly eventIds: readonly string[];
  /** The version that it was told last; null when it does not say, or when one number cannot tell. */
  readonly seenVersion: number | null;
}

type StreamName = "follow_event" | "follow_events";

const readWish: Readonly<Record<StreamName, (request: Request) => Wish>> = {
  follow_event: (request) => {
    const { event_id: eventId = "" } = readParams(operations.follow_event, request);
    return { eventIds: [eventId], seenVersion: readSeenVersion(request) };
  },
  follow_events: (request) => {
    const query = readQuery(request.originalUrl, "event_id");
    const { event_id: eventIds } = validate(operations.follow_events.query, query);
    return { eventIds, seenVersion: null };
  },
};

/** Every call that is answered with a stream. */
export const streamNames = Object.keys(readWish) as StreamName[];

/**
 * Turns a call of the contract into an Express handler that answers with a stream. What can be refused is refused
 * before the first byte of it. A stream counts as answered when it has begun: how long it stays open is no latency.
 */
export function serveStream(name: StreamName, services: Services): RequestHandler {
  const operation: Operation = operations[name];
  const timer = new OperationTimer(services.recorder, operation);
  return async (request, response) => {
    const sinceMs = performance.now();
    const requestId = requestIdOf(request);
    try {
      const caller = await identifyCaller(request, services);
      const limitHeaders = (await services.rateLimiter.count(request, caller)) ?? [];
      requireAccess(caller, operation.access, services);
      await open(
        readWish[name](request),
        ["X-Request-Id", requestId, ...limitHeaders],
        { request, response },
        services,
      );
    } catch (error) {
      sendFailure(error, response, requestId, services, operation.path);
    }
    timer.finish(response, sinceMs);
  };
}

async function open(
  { eventIds, seenVersion }: Wish,
  headers: readonly string[],
  { request, response }: { request: Request; response: Response },
  { stockHub, firstLooks }: Services,
): Promise<void> {
  if (stockHub.isFull) throw new RequestProblem("overloaded");
  const unknown = eventIds.filter((eventId) => !stockHub.knows(eventId));
  const firstNews = unknown.length === 0 ? [] : await firstLooks.read(unknown);
  if (firstNews === null) throw new RequestProblem("event_not_found");
  if (response.destroyed) return;
  // Others came while the database was asked.
  if (stockHub.isFull) throw new RequestProblem("overloaded");
  sendStreamHead(response, headers);
  if (request.method === "HEAD") response.end();
  else stockHub.add(new StockStream(response, eventIds), firstNews, seenVersion);
}

/** What is no version of ours tells nothing. */
function readSeenVersion(request: Request): number | null {
  const id = request.headers["last-event-id"];
  return typeof id === "string" && /^\d{1,15}$/.test(id) ? Number(id) : null;
}
