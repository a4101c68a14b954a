import type { z } from "zod";
import {
  apiKeyReply,
  buyerTokenReply,
  createApiKeyBody,
  createBuyerTokenBody,
  createdApiKeyReply,
} from "./access.ts";
import { cartReply, putCartItemBody } from "./carts.ts";
import { changeEventBody, createEventBody, eventReply, noBody, pauseEventBody } from "./events.ts";
import { eventListQuery, listReply, orderListQuery, pageQuery, reservationListQuery } from "./lists.ts";
import { checkOutBody, orderReply } from "./orders.ts";
import type { ProblemCode } from "./problems.ts";
import { holdTicketsBody, reservationReply, reservationWithHistoryReply } from "./reservations.ts";
import { followEventsQuery, stockMessage } from "./stock-stream.ts";

/** Who may call: a role of a key, a buyer with a token, or anyone at all. */
export type Access = "admin" | "service" | "observer" | "buyer" | "anyone";

/** One call of the API: the single source for routing, validation and the OpenAPI document. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With parameters in braces, each of them a UUID. */
  readonly path: string;
  readonly summary: string;
  readonly access: readonly Access[];
  /** What is answered when a parameter of the path is not even a UUID. */
  readonly missing?: ProblemCode;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly reply: { readonly status: number; readonly schema: z.ZodType | null };
  /** Answered as server-sent events, each of which carries what the reply's schema describes. */
  readonly isStream?: true;
  /** The body is signed as it stands, so it is not parsed before its signature is checked. */
  readonly isSigned?: true;
  /** The refusals of this call, beside those that every call may answer. */
  readonly problems: readonly ProblemCode[];
}

const reservationProblems = ["reservation_not_found"] as const;
/** What stands in the way of changing a cart. */
const cartProblems = ["cart_not_found", "cart_ordered", "checkout_in_progress"] as const;

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
  put_cart_item: {
    method: "put",
    path: "/v1/carts/{cart_id}/items/{event_id}",
    summary: "Put tickets in a cart, or change how many",
    access: ["admin", "service", "buyer"],
    missing: "event_not_found",
    body: putCartItemBody,
    reply: { status: 200, schema: cartReply },
    problems: [
      "event_not_found",
      ...cartProblems,
      "cart_full",
      "currency_mismatch",
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
  remove_cart_item: {
    method: "delete",
    path: "/v1/carts/{cart_id}/items/{event_id}",
    summary: "Take an item out of a cart and return its tickets",
    access: ["admin", "service", "buyer"],
    missing: "cart_not_found",
    reply: { status: 200, schema: cartReply },
    problems: cartProblems,
  },
  find_cart: {
    method: "get",
    path: "/v1/carts/{cart_id}",
    summary: "Read a cart",
    access: ["admin", "service", "observer", "buyer"],
    missing: "cart_not_found",
    reply: { status: 200, schema: cartReply },
    problems: ["cart_not_found"],
  },
  extend_cart: {
    method: "post",
    path: "/v1/carts/{cart_id}/extend",
    summary: "Give all holds of a cart one more hold period",
    access: ["admin", "service", "buyer"],
    missing: "cart_not_found",
    body: noBody,
    reply: { status: 200, schema: cartReply },
    problems: [...cartProblems, "cart_empty", "cart_expired", "extension_limit"],
  },
  check_out_cart: {
    method: "post",
    path: "/v1/carts/{cart_id}/checkout",
    summary: "Buy everything in a cart",
    access: ["admin", "service", "buyer"],
    missing: "cart_not_found",
    body: checkOutBody,
    reply: { status: 201, schema: orderReply },
    problems: [...cartProblems, "cart_empty", "cart_expired", "provider_not_available"],
  },
  find_order: {
    method: "get",
    path: "/v1/orders/{order_id}",
    summary: "Read an order",
    access: ["admin", "service", "observer", "buyer"],
    missing: "order_not_found",
    reply: { status: 200, schema: orderReply },
    problems: ["order_not_found"],
  },
  list_orders: {
    method: "get",
    path: "/v1/orders",
    summary: "List orders, newest first",
    access: ["admin", "service", "observer", "buyer"],
    query: orderListQuery,
    reply: { status: 200, schema: listReply(orderReply) },
    problems: [],
  },
  refund_order: {
    method: "post",
    path: "/v1/orders/{order_id}/refund",
    summary: "Take a paid order back",
    access: ["admin", "service"],
    missing: "order_not_found",
    body: noBody,
    reply: { status: 200, schema: orderReply },
    problems: ["order_not_found", "order_not_paid"],
  },
  follow_event: {
    method: "get",
    path: "/v1/events/{event_id}/stream",
    summary: "Follow an event's stock live",
    access: ["anyone"],
    missing: "event_not_found",
    reply: { status: 200, schema: stockMessage },
    isStream: true,
    problems: ["event_not_found", "overloaded"],
  },
  follow_events: {
    method: "get",
    path: "/v1/stream",
    summary: "Follow the stock of several events live",
    access: ["anyone"],
    query: followEventsQuery,
    reply: { status: 200, schema: stockMessage },
    isStream: true,
    problems: ["event_not_found", "overloaded"],
  },
  receive_stripe_webhook: {
    method: "post",
    path: "/v1/payment-webhooks/stripe",
    summary: "Take note of what Stripe tells about a payment",
    access: ["anyone"],
    isSigned: true,
    reply: { status: 204, schema: null },
    problems: ["signature_invalid", "not_found"],
  },
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
