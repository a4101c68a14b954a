import type { RequestHandler } from "express";
import type { BodyOf } from "../../api/contract/operations.ts";
import { operations } from "../../api/contract/operations.ts";
import type { Reply } from "../../api/http/reply.ts";
import { type ApiRequest, serveOperation } from "../../api/http/serve-operation.ts";
import type { Services } from "../../api/http/services.ts";

/** A valid request for a hold, from a caller who may make it. */
export type HoldRequest = ApiRequest<BodyOf<"hold_tickets">, undefined>;

export type AnswerHold = (request: HoldRequest) => Reply | Promise<Reply>;

/**
 * The service's own way to a hold (routing, caller, body, validation), with another piece of work at its end.
 */
export function serveHold(answer: AnswerHold, services: Services): RequestHandler {
  return serveOperation(operations.hold_tickets, answer, services);
}
