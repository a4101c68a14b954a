import { changeReservation } from "../../features/reservations/change-reservation.ts";
import { findReservation } from "../../features/reservations/find-reservation.ts";
import { holdTickets } from "../../features/reservations/hold-tickets.ts";
import { listReservations } from "../../features/reservations/list-reservations.ts";
import { requesterOf } from "../caller.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentPage, presentReservation, presentReservationWithHistory } from "../present.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { type ApiRequest, type Handler, recordedClaim } from "../serve-operation.ts";
import type { Services } from "../services.ts";

export const postHold: Handler<"hold_tickets"> = async (request, services) => {
  const { caller, body } = request;
  if (caller.kind === "buyer" && caller.userId !== body.user_id) {
    throw new RequestProblem("forbidden", {
      detail: "A buyer token can hold tickets for its own user only.",
    });
  }
  const asked = { userId: body.user_id, quantity: body.quantity, requester: requesterOf(caller) };
  const hold = { eventId: request.param("event_id"), ...asked };
  const outcome = await holdTickets(services, hold, recordedClaim(request));
  return outcomeReply(outcome, request.requestId);
};

export const postConfirm: Handler<"confirm_reservation"> = (request, services) =>
  change("confirm", request, services);

export const postExtend: Handler<"extend_reservation"> = (request, services) =>
  change("extend", request, services);

export const postCancel: Handler<"cancel_reservation"> = (request, services) =>
  change("cancel", request, services);

async function change(kind: "confirm" | "extend" | "cancel", request: ApiRequest, services: Services) {
  const requester = requesterOf(request.caller);
  const reservationId = request.param("reservation_id");
  const outcome = await changeReservation(
    services,
    { kind, reservationId, requester },
    recordedClaim(request),
  );
  return outcomeReply(outcome, request.requestId);
}

export const getReservation: Handler<"find_reservation"> = async (request, services) => {
  const id = request.param("reservation_id");
  const reservation = await findReservation(services, id, requesterOf(request.caller));
  if (reservation === null) throw new RequestProblem("reservation_not_found");
  return jsonReply(200, presentReservationWithHistory(reservation));
};

export const getReservations: Handler<"list_reservations"> = async (request, services) => {
  const { query, path } = request;
  const eventId = request.param("event_id");
  const filter = { eventId, userId: query.user_id ?? null, status: query.status ?? null };
  const page = await listReservations(services, filter, pageRequestOf(query));
  if (page === null) throw new RequestProblem("event_not_found");
  return jsonReply(200, presentPage(page, path, presentReservation));
};
