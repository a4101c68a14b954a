import { type OperationName, operations } from "../../api/contract/operations.ts";
import type { z } from "zod";
import type { Operation } from "../history/history-entry.ts";
import type { Call } from "./call.ts";

/** In whose name a call is made: the user that it is about, and the key or token that is shown. */
export interface Client {
  readonly user: string;
  readonly credential: string;
}

type ReplyOf<Name extends OperationName> =
  (typeof operations)[Name]["reply"]["schema"] extends z.ZodType<infer Reply> ? Reply : never;

interface Details {
  readonly body?: object;
  readonly credential: string | null;
  readonly user?: string | null;
  readonly event?: string | null;
  readonly subject?: string | null;
  readonly isKeyed?: boolean;
  readonly query?: string;
}

/** Fills in what the contract says of an operation. */
function call<Name extends OperationName>(
  name: Name,
  f: Operation,
  params: Readonly<Record<string, string>>,
  { body, credential, user = null, event = null, subject = null, isKeyed, query = "" }: Details,
): Call<ReplyOf<Name>> {
  const { method, path, reply } = operations[name];
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, param: string) => params[param] ?? "");
  return {
    f,
    method: method.toUpperCase() as Call<unknown>["method"],
    path: filled + query,
    body: body ?? (method === "post" ? {} : null),
    credential,
    isKeyed: isKeyed ?? method === "post",
    user,
    event,
    subject,
    reply: reply.schema as unknown as z.ZodType<ReplyOf<Name>>,
  };
}

export interface NewEvent {
  readonly name: string;
  readonly capacity: number;
  readonly hold_seconds: number;
  readonly max_quantity: number;
  readonly max_extensions: number;
  readonly price_cents: number;
  readonly requires_verified_phone: boolean;
  readonly restock: {
    readonly threshold: number;
    readonly quantity: number;
    readonly supplier_url: string;
  } | null;
}

/** Calls about reservations. */
export const reservationCalls = {
  /** @param options.isKeyed without a key, the service may refuse it from memory */
  hold: (client: Client, event: string, quantity: number, options: { readonly isKeyed?: boolean } = {}) =>
    call(
      "hold_tickets",
      "hold",
      { event_id: event },
      {
        ...client,
        event,
        body: { user_id: client.user, quantity },
        ...options,
      },
    ),
  confirm: (client: Client, event: string, reservation: string) =>
    call(
      "confirm_reservation",
      "confirm",
      { reservation_id: reservation },
      {
        ...client,
        event,
        subject: reservation,
      },
    ),
  extend: (client: Client, event: string, reservation: string) =>
    call(
      "extend_reservation",
      "extend",
      { reservation_id: reservation },
      {
        ...client,
        event,
        subject: reservation,
      },
    ),
  cancel: (client: Client, event: string, reservation: string) =>
    call(
      "cancel_reservation",
      "cancel",
      { reservation_id: reservation },
      {
        ...client,
        event,
        subject: reservation,
      },
    ),
  read: (client: Client, event: string, reservation: string) =>
    call(
      "find_reservation",
      "read",
      { reservation_id: reservation },
      {
        ...client,
        event,
        subject: reservation,
      },
    ),
  list: (client: Client, event: string) =>
    call(
      "list_reservations",
      "read",
      { event_id: event },
      {
        ...client,
        event,
        query: `?user_id=${encodeURIComponent(client.user)}`,
      },
    ),
};

/** Calls about carts and orders. A PUT and a DELETE have no key: repeated, they ask for the same cart again. */
export const cartCalls = {
  put: (client: Client, cart: string, event: string, quantity: number) =>
    call(
      "put_cart_item",
      "put_item",
      { cart_id: cart, event_id: event },
      {
        ...client,
        event,
        subject: cart,
        body: { user_id: client.user, quantity },
      },
    ),
  remove: (client: Client, cart: string, event: string) =>
    call(
      "remove_cart_item",
      "remove_item",
      { cart_id: cart, event_id: event },
      {
        ...client,
        event,
        subject: cart,
      },
    ),
  read: (client: Client, cart: string) =>
    call("find_cart", "read", { cart_id: cart }, { ...client, subject: cart }),
  checkOut: (client: Client, cart: string, token: string) =>
    call(
      "check_out_cart",
      "check_out",
      { cart_id: cart },
      {
        ...client,
        subject: cart,
        body: { email: "buyer@example.org", payment: { provider: "demo", token } },
      },
    ),
  readOrder: (client: Client, order: string) =>
    call("find_order", "read", { order_id: order }, { ...client, subject: order }),
  listOrders: (client: Client) =>
    call("list_orders", "read", {}, { ...client, query: `?user_id=${encodeURIComponent(client.user)}` }),
  /** @param user whose order it is */
  refund: (key: string, user: string, order: string) =>
    call("refund_order", "refund", { order_id: order }, { credential: key, user, subject: order }),
};

/** Calls about customers. */
export const customerCalls = {
  signUp: (key: string, requestId: string, phone: string) =>
    call(
      "create_customer",
      "sign_up",
      {},
      {
        credential: key,
        body: {
          request_id: requestId,
          customer: {
            first_name: "Ada",
            last_name: "Lovelace",
            email: "ada@example.org",
            phone_number: phone,
          },
        },
      },
    ),
  verify: (key: string, customer: string, code: string) =>
    call(
      "verify_customer",
      "verify",
      { customer_id: customer },
      {
        credential: key,
        user: customer,
        subject: customer,
        body: { verification_code: code },
      },
    ),
  read: (key: string, customer: string) =>
    call(
      "find_customer",
      "read",
      { customer_id: customer },
      {
        credential: key,
        user: customer,
        subject: customer,
      },
    ),
  /** Changes nothing in the service, so it counts as a reading. */
  makeToken: (key: string, user: string) =>
    call(
      "create_buyer_token",
      "read",
      {},
      {
        credential: key,
        user,
        body: { user_id: user },
        isKeyed: false,
      },
    ),
};

/** Calls of those who run the sale. Creating, changing, pausing and resuming are told apart by their bodies. */
export const saleCalls = {
  create: (key: string, event: NewEvent) =>
    call("create_event", "change_event", {}, { credential: key, body: event }),
  change: (key: string, event: string, change: Partial<NewEvent>) =>
    call("change_event", "change_event", { event_id: event }, { credential: key, event, body: change }),
  pause: (key: string, event: string) =>
    call(
      "pause_event",
      "change_event",
      { event_id: event },
      {
        credential: key,
        event,
        body: { reason: "The hall is being aired." },
      },
    ),
  resume: (key: string, event: string) =>
    call("resume_event", "change_event", { event_id: event }, { credential: key, event }),
  read: (credential: string | null, event: string) =>
    call("find_event", "read", { event_id: event }, { credential, event }),
  list: (credential: string | null) => call("list_events", "read", {}, { credential, query: "?limit=20" }),
  restockOrders: (key: string, event: string) =>
    call("list_restock_orders", "read", { event_id: event }, { credential: key, event }),
  deliver: (key: string, event: string, order: string, quantity: number) =>
    call(
      "report_delivery",
      "deliver",
      {},
      {
        credential: key,
        event,
        subject: order,
        body: { restock_order_id: order, quantity },
      },
    ),
};
