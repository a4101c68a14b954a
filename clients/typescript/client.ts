import {
  followStream,
  type StockFollower,
  type StockListener,
  type StockSourceConstructor,
} from "./follow-stock.ts";
import { customerCalls } from "./customer-calls.ts";
import { at } from "./fill-path.ts";
import type { BodyOf, QueryOf, ReplyOf } from "./operation-types.ts";
import { pageThrough } from "./page-through.ts";
import {
  type CallOptions,
  type Connection,
  type PostOptions,
  type Request,
  sendRequest,
} from "./send-request.ts";
import type { Send } from "./send-call.ts";
import type { PlainOperationName } from "../../api/contract/operations.ts";

export type { CartItemReply, CartReply } from "../../api/contract/carts.ts";
export type { EventReply } from "../../api/contract/events.ts";
export type { OrderReply } from "../../api/contract/orders.ts";
export type { ProblemCode } from "../../api/contract/problems.ts";
export type { ReservationReply } from "../../api/contract/reservations.ts";
export type { StockMessage } from "../../api/contract/stock-stream.ts";
export type { FollowState, StockFollower, StockListener, StockSourceConstructor } from "./follow-stock.ts";
export { HoldfastError, UnreachableError } from "./holdfast-error.ts";
export type { BodyOf, Problem, QueryOf, ReplyOf } from "./operation-types.ts";
export type { Page } from "./page-through.ts";
export type { CallOptions, PostOptions, Retry } from "./send-request.ts";

export interface ClientOptions {
  /** Where the service is, such as `https://tickets.example.org`; on a page, where the page came from. */
  readonly baseUrl?: string | undefined;
  /** An API key or a buyer token, or what gives one; it is asked before every try. Null or none for anonymous calls. */
  readonly token?: string | null | (() => string | null | Promise<string | null>) | undefined;
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How often a request is sent at most; 6 unless told otherwise. */
  readonly triesMax?: number | undefined;
  /** How long one try may take; 15,000 ms unless told otherwise. */
  readonly tryMs?: number | undefined;
  /** How long all tries of a request may take together; 30,000 ms unless told otherwise. */
  readonly patienceMs?: number | undefined;
}

export type Client = ReturnType<typeof createClient>;

type Everything<Name extends PlainOperationName> = Omit<QueryOf<Name>, "starting_after" | "ending_before">;

/**
 * Makes a client. Every method does one call and repeats it until its answer is final: after a lost connection, a
 * time-out, 408, 429, 502, 503, 504 and while an earlier try is still being served, for as long as `patienceMs` and
 * `triesMax` allow. A POST keeps its idempotency key, so that however often it is sent, it has one effect.
 *
 * Methods throw a HoldfastError when the service refuses and an UnreachableError when no answer came.
 *
 * @throws TypeError without a `baseUrl` outside of a browser
 */
export function createClient(options: ClientOptions = {}) {
  const connection = connectionOf(options);
  /** The reply of a call is what the contract says; the service is held against it by its own tests. */
  const send = async <Name extends PlainOperationName>(request: Request, call: PostOptions = {}) =>
    (await sendRequest(connection, request, call)) as ReplyOf<Name>;
  return {
    ...eventCalls(send),
    ...reservationCalls(send),
    ...cartCalls(send),
    ...orderCalls(send),
    ...customerCalls(send),
    ...accessCalls(send),
    /**
     * Follows the stock of up to 100 events live, until it is closed. Opens the stream again whenever it is lost.
     *
     * @param means.EventSource instead of the global one, which Node does not have
     */
    followStock(
      eventIds: readonly string[],
      listener: StockListener,
      means: { readonly EventSource?: StockSourceConstructor | undefined } = {},
    ): StockFollower {
      const Source = means.EventSource ?? globalSource();
      return followStream(connection.baseUrl + streamPath(eventIds), listener, Source);
    },
  };
}

function eventCalls(send: Send) {
  const listEvents = (query: QueryOf<"list_events"> = {}, call?: CallOptions) =>
    send<"list_events">({ method: "GET", path: "/v1/events", query }, call);
  return {
    /** A page of the events, newest first. `search`: words that the name has. */
    listEvents,
    /** All events, newest first. */
    eachEvent: (query: Everything<"list_events"> = {}, call?: CallOptions) =>
      pageThrough((starting_after) => listEvents({ ...query, starting_after }, call)),
    findEvent: (eventId: string, call?: CallOptions) =>
      send<"find_event">({ method: "GET", path: at`/v1/events/${eventId}` }, call),
    createEvent: (body: BodyOf<"create_event">, call?: PostOptions) =>
      send<"create_event">({ method: "POST", path: "/v1/events", body }, call),
    changeEvent: (eventId: string, body: BodyOf<"change_event">, call?: CallOptions) =>
      send<"change_event">({ method: "PATCH", path: at`/v1/events/${eventId}`, body }, call),
    pauseEvent: (eventId: string, body: BodyOf<"pause_event">, call?: PostOptions) =>
      send<"pause_event">({ method: "POST", path: at`/v1/events/${eventId}/pause`, body }, call),
    resumeEvent: (eventId: string, call?: PostOptions) =>
      send<"resume_event">({ method: "POST", path: at`/v1/events/${eventId}/resume`, body: {} }, call),
  };
}

function reservationCalls(send: Send) {
  const listReservations = (eventId: string, query: QueryOf<"list_reservations"> = {}, call?: CallOptions) =>
    send<"list_reservations">({ method: "GET", path: at`/v1/events/${eventId}/reservations`, query }, call);
  return {
    /** Holds tickets for a user. */
    holdTickets: (eventId: string, body: BodyOf<"hold_tickets">, call?: PostOptions) =>
      send<"hold_tickets">({ method: "POST", path: at`/v1/events/${eventId}/reservations`, body }, call),
    findReservation: (reservationId: string, call?: CallOptions) =>
      send<"find_reservation">({ method: "GET", path: at`/v1/reservations/${reservationId}` }, call),
    /** A page of an event's reservations, newest first. */
    listReservations,
    /** All reservations of an event, newest first. */
    eachReservation: (eventId: string, query: Everything<"list_reservations"> = {}, call?: CallOptions) =>
      pageThrough((starting_after) => listReservations(eventId, { ...query, starting_after }, call)),
    /** Turns a hold into a sale. */
    confirmReservation: (reservationId: string, call?: PostOptions) =>
      send<"confirm_reservation">(
        { method: "POST", path: at`/v1/reservations/${reservationId}/confirm`, body: {} },
        call,
      ),
    /** Gives a hold one more hold period. */
    extendReservation: (reservationId: string, call?: PostOptions) =>
      send<"extend_reservation">(
        { method: "POST", path: at`/v1/reservations/${reservationId}/extend`, body: {} },
        call,
      ),
    /** Returns the tickets of a reservation. */
    cancelReservation: (reservationId: string, call?: PostOptions) =>
      send<"cancel_reservation">(
        { method: "POST", path: at`/v1/reservations/${reservationId}/cancel`, body: {} },
        call,
      ),
  };
}

function cartCalls(send: Send) {
  return {
    /** Puts tickets in a cart, or changes how many. The first item makes the cart; its id is a UUID of yours. */
    putCartItem: (cartId: string, eventId: string, body: BodyOf<"put_cart_item">, call?: CallOptions) =>
      send<"put_cart_item">({ method: "PUT", path: at`/v1/carts/${cartId}/items/${eventId}`, body }, call),
    removeCartItem: (cartId: string, eventId: string, call?: CallOptions) =>
      send<"remove_cart_item">({ method: "DELETE", path: at`/v1/carts/${cartId}/items/${eventId}` }, call),
    findCart: (cartId: string, call?: CallOptions) =>
      send<"find_cart">({ method: "GET", path: at`/v1/carts/${cartId}` }, call),
    /** Gives all holds of a cart one more hold period. */
    extendCart: (cartId: string, call?: PostOptions) =>
      send<"extend_cart">({ method: "POST", path: at`/v1/carts/${cartId}/extend`, body: {} }, call),
    /** Buys everything in a cart. The order may still be `pending`: read it until it has ended. */
    checkOutCart: (cartId: string, body: BodyOf<"check_out_cart">, call?: PostOptions) =>
      send<"check_out_cart">({ method: "POST", path: at`/v1/carts/${cartId}/checkout`, body }, call),
  };
}

function orderCalls(send: Send) {
  const listOrders = (query: QueryOf<"list_orders"> = {}, call?: CallOptions) =>
    send<"list_orders">({ method: "GET", path: "/v1/orders", query }, call);
  return {
    findOrder: (orderId: string, call?: CallOptions) =>
      send<"find_order">({ method: "GET", path: at`/v1/orders/${orderId}` }, call),
    /** A page of the orders, newest first; a buyer's own ones only. */
    listOrders,
    /** All orders, newest first; a buyer's own ones only. */
    eachOrder: (query: Everything<"list_orders"> = {}, call?: CallOptions) =>
      pageThrough((starting_after) => listOrders({ ...query, starting_after }, call)),
    /** Takes a paid order back. */
    refundOrder: (orderId: string, call?: PostOptions) =>
      send<"refund_order">({ method: "POST", path: at`/v1/orders/${orderId}/refund`, body: {} }, call),
  };
}

function accessCalls(send: Send) {
  const listApiKeys = (query: QueryOf<"list_api_keys"> = {}, call?: CallOptions) =>
    send<"list_api_keys">({ method: "GET", path: "/v1/api-keys", query }, call);
  return {
    /** Makes a token that acts for one user; for a fresh guest without a `user_id`, which only a demo allows. */
    createBuyerToken: (body: BodyOf<"create_buyer_token"> = {}, call?: PostOptions) =>
      send<"create_buyer_token">({ method: "POST", path: "/v1/buyer-tokens", body }, call),
    /** Creates an API key. The answer is the only one that ever has the key itself. */
    createApiKey: (body: BodyOf<"create_api_key">, call?: PostOptions) =>
      send<"create_api_key">({ method: "POST", path: "/v1/api-keys", body }, call),
    listApiKeys,
    /** All live keys, newest first. */
    eachApiKey: (query: Everything<"list_api_keys"> = {}, call?: CallOptions) =>
      pageThrough((starting_after) => listApiKeys({ ...query, starting_after }, call)),
    revokeApiKey: async (apiKeyId: string, call?: CallOptions): Promise<void> => {
      const path = at`/v1/api-keys/${apiKeyId}`;
      await send<"revoke_api_key">({ method: "DELETE", path, doneCode: "api_key_not_found" }, call);
    },
  };
}

function connectionOf(options: ClientOptions): Connection {
  const { token = null, triesMax = 6, tryMs = 15_000, patienceMs = 30_000 } = options;
  const page = (globalThis as { readonly location?: { readonly origin: string } }).location;
  const baseUrl = options.baseUrl ?? page?.origin;
  if (baseUrl === undefined) throw new TypeError("Tell where the service is: createClient({ baseUrl }).");
  return {
    baseUrl: baseUrl.replace(/\/+$/, ""),
    // Read at each call, so that a page may replace it; and called bare, as browsers demand.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    readToken: typeof token === "function" ? token : () => token,
    triesMax,
    tryMs,
    patienceMs,
  };
}

function streamPath(eventIds: readonly string[]): string {
  const [only, ...others] = new Set(eventIds);
  if (only === undefined) throw new TypeError("Name at least one event to follow.");
  if (others.length === 0) return at`/v1/events/${only}/stream`;
  const query = new URLSearchParams([only, ...others].map((id) => ["event_id", id]));
  return `/v1/stream?${query.toString()}`;
}

function globalSource(): StockSourceConstructor {
  const { EventSource } = globalThis as { readonly EventSource?: StockSourceConstructor };
  if (EventSource === undefined)
    throw new TypeError("There is no EventSource here; pass one as the last argument of followStock.");
  return EventSource;
}
