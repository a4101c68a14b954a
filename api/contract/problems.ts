import { backgroundProblems } from "./background-problems.ts";
import type { ProblemKind } from "./problem-kind.ts";

export type { ProblemKind } from "./problem-kind.ts";

/** Every problem that the service can answer, by its stable code. */
export const problems = {
  malformed_request: {
    status: 400,
    title: "The request is malformed",
    help: "The request is not valid HTTP, its path is not valid percent-encoding, or its JSON cannot be parsed. Correct it before sending it again.",
  },
  signature_invalid: {
    status: 400,
    title: "The signature is not valid",
    help: "The message was not signed with the secret that is configured, or is too old. Nothing was done.",
  },
  unauthorized: {
    status: 401,
    title: "A valid key or token is required",
    help: "Send `Authorization: Bearer KEY` with an API key or a buyer token. The answer is the same for a missing, unknown, revoked or expired one.",
  },
  payment_required: {
    status: 402,
    title: "The tickets must be paid for",
    help: "A buyer cannot confirm a hold on an event that has a price. Check out the cart, or let the shop's backend confirm it once it is paid.",
  },
  forbidden: {
    status: 403,
    title: "This key may not do that",
    help: "The key or token is valid, but its role does not allow this call. The API reference lists the roles of each call. A browser is also told so when it asks for a change on behalf of another site's page.",
  },
  not_found: {
    status: 404,
    title: "There is nothing at this address",
    help: "Check the path against the API reference.",
  },
  event_not_found: {
    status: 404,
    title: "There is no such event",
    help: "Check the event's id. Ids are UUIDs, as answered when the event was created.",
  },
  reservation_not_found: {
    status: 404,
    title: "There is no such reservation",
    help: "Check the reservation's id. A buyer sees only their own reservations; another's is answered as if it were missing.",
  },
  cart_not_found: {
    status: 404,
    title: "There is no such cart",
    help: "Check the cart's id. A cart exists once its first item was put in, and belongs to the user of that item; another's is answered as if it were missing.",
  },
  order_not_found: {
    status: 404,
    title: "There is no such order",
    help: "Check the order's id. A buyer sees only their own orders; another's is answered as if it were missing.",
  },
  api_key_not_found: {
    status: 404,
    title: "There is no such key",
    help: "The key does not exist or was revoked already.",
  },
  method_not_allowed: {
    status: 405,
    title: "This address does not support that method",
    help: "The `Allow` header lists the methods that it supports.",
  },
  request_timeout: {
    status: 408,
    title: "The request took too long to arrive",
    help: "Headers and body must arrive within 10 seconds. Nothing was done; send it again.",
  },
  duplicate_reservation: {
    status: 409,
    title: "The user has a reservation for this event",
    help: "Each user can have one held or confirmed reservation for an event. `reservation_id` names it.",
  },
  sold_out: {
    status: 409,
    title: "The event is sold out",
    help: "Every ticket is sold. Tickets come back only if a reservation is cancelled or capacity is added.",
  },
  all_held: {
    status: 409,
    title: "All tickets are held",
    help: "No ticket is free now, but some are only held. `next_expiry_at` tells when the next hold ends unless it is confirmed first.",
  },
  not_enough_left: {
    status: 409,
    title: "Fewer tickets are left",
    help: "`available` tells how many are free. Ask for that many or fewer.",
  },
  sales_not_started: {
    status: 409,
    title: "Sales have not started",
    help: "`sales_start_at` tells when they start.",
  },
  sales_ended: { status: 409, title: "Sales have ended", help: "The event takes no more reservations." },
  sales_paused: {
    status: 409,
    title: "Sales are paused",
    help: "The organiser has paused sales; `detail` gives the reason. Holds already made can still be confirmed.",
  },
  phone_not_verified: {
    status: 409,
    title: "A verified phone is required",
    help: "This event sells only to customers with a verified phone: `user_id` must be the one that verifying it gave.",
  },
  extension_limit: {
    status: 409,
    title: "The hold cannot be extended again",
    help: "The event limits how often a hold can be extended.",
  },
  already_confirmed: {
    status: 409,
    title: "The reservation is confirmed",
    help: "A confirmed reservation has no deadline to extend, and only the shop's backend may cancel it.",
  },
  reservation_in_cart: {
    status: 409,
    title: "The reservation belongs to a cart",
    help: "A hold in a cart shares the cart's deadline and is sold with it: change, extend or check out the cart that `cart_id` names. What was sold with an order is returned by refunding the order.",
  },
  cart_ordered: {
    status: 409,
    title: "The cart has been bought",
    help: "`order_id` names its order. Use a new cart id for more.",
  },
  checkout_in_progress: {
    status: 409,
    title: "The cart is being paid",
    help: "An order of this cart is pending; `order_id` names it. Read the order until it has ended, and do not pay again.",
  },
  cart_empty: {
    status: 409,
    title: "The cart is empty",
    help: "Put at least one item in it first.",
  },
  cart_full: {
    status: 409,
    title: "The cart is full",
    help: "A cart can have 20 items at most.",
  },
  currency_mismatch: {
    status: 409,
    title: "The cart has another currency",
    help: "All items of a cart are paid at once, in one currency; `currency` tells which it has. Use another cart for this item.",
  },
  order_not_paid: {
    status: 409,
    title: "The order is not paid",
    help: "Only a paid order can be refunded. `order_status` tells what it is.",
  },
  provider_not_available: {
    status: 409,
    title: "This way to pay is not available",
    help: "The shop does not take payments through this provider. Nothing was charged.",
  },
  capacity_too_low: {
    status: 409,
    title: "The capacity is below what is held and sold",
    help: "Capacity cannot fall below the tickets that are held or sold. `held_and_sold` tells how many those are.",
  },
  ...backgroundProblems,
  idempotency_in_progress: {
    status: 409,
    title: "A request with this key is being served",
    help: "The first request with this Idempotency-Key has not been answered yet. Wait a moment and send the same request again.",
  },
  hold_expired: {
    status: 410,
    title: "The hold has ended",
    help: "The hold's deadline has passed, or it was cancelled. Its tickets are free again; ask for a new hold.",
  },
  cart_expired: {
    status: 410,
    title: "The cart has expired",
    help: "Its deadline has passed and its tickets are free again. The list is kept: put the items in again to try again. Nothing was charged.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    help: "A request body may have at most 16 KiB.",
  },
  unsupported_media_type: {
    status: 415,
    title: "The body must be plain JSON",
    help: "Send `Content-Type: application/json`, in UTF-8, without a content encoding.",
  },
  validation_failed: {
    status: 422,
    title: "Some values are not valid",
    help: "`errors` names each value by a JSON Pointer and tells what is wrong with it. Nothing was changed.",
  },
  idempotency_mismatch: {
    status: 422,
    title: "This key belongs to another request",
    help: "An Idempotency-Key stands for one request. It was used before with another body; use a new key.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    help: "Wait for the seconds in `Retry-After`, then send the request again. A buyer who lets holds on one event expire again and again is told by `allowed_at` when the next can be asked for.",
  },
  headers_too_large: {
    status: 431,
    title: "The headers are too large",
    help: "Request headers may have at most 8 KiB together.",
  },
  internal_error: {
    status: 500,
    title: "Something went wrong here",
    help: "The mistake is ours and has been logged under `request_id`. Sending the request again with the same Idempotency-Key is safe.",
  },
  overloaded: {
    status: 503,
    title: "Too many requests are waiting",
    help: "Nothing was done. Wait for the seconds in `Retry-After`, then send the request again.",
  },
  not_ready: {
    status: 503,
    title: "The service cannot serve yet",
    help: "It is starting, or a part that it needs is missing; `detail` tells which. Ask again in a moment.",
  },
  database_unavailable: {
    status: 503,
    title: "The database cannot be reached",
    help: "Wait for the seconds in `Retry-After`, then send the request again with the same Idempotency-Key. `detail` tells whether the request may have had its effect.",
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

/** One value of a request that is not valid. */
export interface InvalidValue {
  /** JSON Pointer to the value; for a query parameter, its name behind a slash. */
  readonly pointer: string;
  readonly detail: string;
}
