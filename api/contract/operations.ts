import type { z } from "zod";
import {
  apiKeyReply,
  buyerTokenReply,
  createApiKeyBody,
  createBuyerTokenBody,
  createdApiKeyReply,
} from "./access.ts";
import { cartOperations } from "./cart-operations.ts";
import { customerOperations } from "./customer-operations.ts";
import { changeEventBody, createEventBody, eventReply, noBody, pauseEventBody } from "./events.ts";
import { eventListQuery, listReply, pageQuery, reservationListQuery } from "./lists.ts";
import type { Operation } from "./operation.ts";
import { restockOperations } from "./restock-operations.ts";
import { holdTicketsBody, reservationReply, reservationWithHistoryReply } from "./reservations.ts";
import { webhookOperations } from "./webhook-operations.ts";

export type { Access, Operation } from "./operation.ts";

const reservationProblems = ["reservation_not_found"] as const;

export const operations = {
  hold_tickets: {
    method: "post",
    path: "/v1/events/{event_id}/reservations",
    summary: "Hold tickets for a user",
    access: ["admin", "service", "buyer"],
    missing: "event_not_found",
    body: holdTicketsBody,
    reply: { status: 201, schema: reservationReply },
    problems: [
      "event_not_found",
      "sales_ended",
      "sales_paused",
      "sales_not_started",
      "phone_not_verified",
      "duplicate_reservation",
      "sold_out",
      "all_held",
      "not_enough_left",
    ],
  },
  confirm_reservation: {
    method: "post",
    path: "/v1/reservations/{reservation_id}/confirm",
    summary: "Turn a hold into a sale",
    access: ["admin", "service", "buyer"],
    missing: "reservation_not_found",
    body: noBody,
    reply: { status: 200, schema: reservationReply },
    problems: [...reservationProblems, "reservation_in_cart", "hold_expired", "payment_required"],
  },
  extend_reservation: {
    method: "post",
    path: "/v1/reservations/{reservation_id}/extend",
    summary: "Give a hold one more hold period",
    access: ["admin", "service", "buyer"],
    missing: "reservation_not_found",
    body: noBody,
    reply: { status: 200, schema: reservationReply },
    problems: [
      ...reservationProblems,
      "reservation_in_cart",
      "already_confirmed",
      "hold_expired",
      "extension_limit",
    ],
  },
  cancel_reservation: {
    method: "post",
    path: "/v1/reservations/{reservation_id}/cancel",
    summary: "Return the tickets of a reservation",
    access: ["admin", "service", "buyer"],
    missing: "reservation_not_found",
    body: noBody,
    reply: { status: 200, schema: reservationReply },
    problems: [...reservationProblems, "reservation_in_cart", "already_confirmed"],
  },
  find_reservation: {
    method: "get",
    path: "/v1/reservations/{reservation_id}",
    summary: "Read a reservation and its history",
    access: ["admin", "service", "observer", "buyer"],
    missing: "reservation_not_found",
    reply: { status: 200, schema: reservationWithHistoryReply },
    problems: reservationProblems,
  },
  list_reservations: {
    method: "get",
    path: "/v1/events/{event_id}/reservations",
    summary: "List an event's reservations, newest first",
    access: ["admin", "service", "observer"],
    missing: "event_not_found",
    query: reservationListQuery,
    reply: { status: 200, schema: listReply(reservationReply) },
    problems: ["event_not_found"],
  },
  create_event: {
    method: "post",
    path: "/v1/events",
    summary: "Create an event",
    access: ["admin"],
    body: createEventBody,
    reply: { status: 201, schema: eventReply },
    problems: [],
  },
  list_events: {
    method: "get",
    path: "/v1/events",
    summary: "List events, newest first",
    access: ["anyone"],
    query: eventListQuery,
    reply: { status: 200, schema: listReply(eventReply) },
    problems: [],
  },
  find_event: {
    method: "get",
    path: "/v1/events/{event_id}",
    summary: "Read an event and its stock",
    access: ["anyone"],
    missing: "event_not_found",
    reply: { status: 200, schema: eventReply },
    problems: ["event_not_found"],
  },
  change_event: {
    method: "patch",
    path: "/v1/events/{event_id}",
    summary: "Change an event, its capacity included, even while it sells",
    access: ["admin"],
    missing: "event_not_found",
    body: changeEventBody,
    reply: { status: 200, schema: eventReply },
    problems: ["event_not_found", "capacity_too_low"],
  },
  pause_event: {
    method: "post",
    path: "/v1/events/{event_id}/pause",
    summary: "Pause sales, with a reason",
    access: ["admin"],
    missing: "event_not_found",
    body: pauseEventBody,
    reply: { status: 200, schema: eventReply },
    problems: ["event_not_found"],
  },
  resume_event: {
    method: "post",
    path: "/v1/events/{event_id}/resume",
    summary: "Resume sales",
    access: ["admin"],
    missing: "event_not_found",
    body: noBody,
    reply: { status: 200, schema: eventReply },
    problems: ["event_not_found"],
  },
  ...cartOperations,
  ...restockOperations,
  ...customerOperations,
  ...webhookOperations,
  create_buyer_token: {
    method: "post",
    path: "/v1/buyer-tokens",
    summary: "Make a short-lived token that acts for one user",
    access: ["admin", "service", "anyone"],
    body: createBuyerTokenBody,
    reply: { status: 201, schema: buyerTokenReply },
    problems: ["unauthorized"],
  },
  create_api_key: {
    method: "post",
    path: "/v1/api-keys",
    summary: "Create an API key; it is shown once",
    access: ["admin"],
    body: createApiKeyBody,
    reply: { status: 201, schema: createdApiKeyReply },
    problems: [],
  },
  list_api_keys: {
    method: "get",
    path: "/v1/api-keys",
    summary: "List live API keys, newest first",
    access: ["admin"],
    query: pageQuery,
    reply: { status: 200, schema: listReply(apiKeyReply) },
    problems: [],
  },
  revoke_api_key: {
    method: "delete",
    path: "/v1/api-keys/{api_key_id}",
    summary: "Revoke an API key",
    access: ["admin"],
    missing: "api_key_not_found",
    reply: { status: 204, schema: null },
    problems: ["api_key_not_found"],
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** The calls that are answered with one JSON document, which is all but the streams and the signed ones. */
export type PlainOperationName = {
  [Name in OperationName]: (typeof operations)[Name] extends
    | { readonly isStream: true }
    | { readonly isSigned: true }
    ? never
    : Name;
}[OperationName];

type SchemaOf<Name extends OperationName, Part extends "query" | "body"> = (typeof operations)[Name] extends {
  readonly [Key in Part]: infer Schema extends z.ZodType;
}
  ? z.infer<Schema>
  : undefined;

export type BodyOf<Name extends OperationName> = SchemaOf<Name, "body">;
export type QueryOf<Name extends OperationName> = SchemaOf<Name, "query">;
