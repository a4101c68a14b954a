import { changeEvent } from "../../features/events/change-event.ts";
import { checkSupplier } from "../../features/events/check-supplier.ts";
import { createEvent } from "../../features/events/create-event.ts";
import { findEvent } from "../../features/events/find-event.ts";
import { listEvents } from "../../features/events/list-events.ts";
import { setPaused } from "../../features/events/set-paused.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentEvent, presentPage } from "../present.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { type ApiRequest, type Handler, recordedClaim } from "../serve-operation.ts";
import type { Services } from "../services.ts";

export const postEvent: Handler<"create_event"> = async (request, services) => {
  const { body, claim, requestId } = request;
  requireSalesWindow(body.sales_start_at, body.sales_end_at);
  const fault = await checkSupplier(services, body.restock);
  const created = await createEvent(services, body, claim, (event) => {
    // A request that was answered before gets that answer, wherever the supplier's name leads to by now.
    if (fault !== null) throw new RequestProblem("validation_failed", { errors: [fault] });
    return jsonReply(201, presentEvent(event, services.clock.nowMs()));
  });
  return outcomeReply(created, requestId);
};

export const getEvents: Handler<"list_events"> = async ({ query, path }, services) => {
  const page = await listEvents(services, query.search ?? null, pageRequestOf(query));
  const nowMs = services.clock.nowMs();
  return jsonReply(
    200,
    presentPage(page, path, (event) => presentEvent(event, nowMs)),
  );
};

export const getEvent: Handler<"find_event"> = async (request, services) => {
  const event = await findEvent(services, request.param("event_id"));
  if (event === null) throw new RequestProblem("event_not_found");
  return jsonReply(200, presentEvent(event, services.clock.nowMs()));
};

export const patchEvent: Handler<"change_event"> = async (request, services) => {
  const fault = await checkSupplier(services, request.body.restock);
  if (fault !== null) throw new RequestProblem("validation_failed", { errors: [fault] });
  const outcome = await changeEvent(services, request.param("event_id"), request.body, request.caller.name);
  return outcomeReply(outcome, request.requestId);
};

export const postPause: Handler<"pause_event"> = (request, services) =>
  pauseOrResume(request, request.body.reason, services);

export const postResume: Handler<"resume_event"> = (request, services) =>
  pauseOrResume(request, null, services);

async function pauseOrResume(request: ApiRequest, reason: string | null, services: Services) {
  const change = { eventId: request.param("event_id"), reason, actor: request.caller.name };
  return outcomeReply(await setPaused(services, change, recordedClaim(request)), request.requestId);
}

function requireSalesWindow(start: string | null, end: string | null): void {
  if (start === null || end === null || Date.parse(end) > Date.parse(start)) return;
  const errors = [{ pointer: "/sales_end_at", detail: "must be later than sales_start_at" }];
  throw new RequestProblem("validation_failed", { errors });
}
