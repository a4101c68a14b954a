import type { OperationName } from "../../api/contract/operations.ts";
import type { OperationsCallName } from "./operations-calls.ts";

/**
 * Text in which `@@kind:n@@` stands for something of the run, such as the id of one of its events: what is planned
 * depends on the seed alone, and is filled in when it is sent.
 */
export type Template = string;

/** What stands for something of the run. */
export function standIn(kind: StandIn, n: number): Template {
  return `@@${kind}:${n}@@`;
}

/** What can be learned from replies, and named again in requests. */
export type KnownKind =
  | "event"
  | "reservation"
  | "cart"
  | "order"
  | "customer"
  | "restock_order"
  | "webhook_endpoint"
  | "message"
  | "delivery"
  | "api_key"
  | "job";

export type StandIn =
  | KnownKind
  /** An event whose terms no request changes, so that something can be bought until the end. */
  | "shop_event"
  /** The id of a cart that nobody has put anything in, as its client makes it. */
  | "new_cart"
  | "any_id"
  | "user"
  /** Whom the caller acts for; somebody new for the shop's own keys. */
  | "self"
  | "fresh"
  | "phone"
  | "code"
  | "receiver"
  | "stripe_signature";

/** Whom a request claims to come from. */
export interface Credential {
  readonly kind: "admin" | "service" | "observer" | "buyer" | "learned" | "none" | "bad";
  /** Which one of its kind. */
  readonly n: number;
}

/** What a request asks for. */
type Target =
  | { readonly kind: "operation"; readonly name: OperationName }
  | { readonly kind: "operations call"; readonly name: OperationsCallName }
  /** An address or a method that the service may not have. */
  | { readonly kind: "stray" };

export type Listener = "public" | "operations";

/** How the bytes of a request arrive. */
export type Delivery = "whole" | "chunked" | "sliced";

/** Whether a request is sent a second time: once more, at the same moment, or under the same key by somebody else. */
export type Again = "no" | "later" | "at once" | "by another";

/** A request that is proper HTTP, whatever it says. */
export interface PlannedRequest {
  readonly kind: "request";
  readonly listener: Listener;
  readonly target: Target;
  readonly method: string;
  readonly path: Template;
  readonly credential: Credential;
  /** Further headers, in this order; names may repeat. */
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: Template | null;
  readonly delivery: Delivery;
  readonly again: Again;
}

/** Bytes that need not be HTTP at all, on a connection of their own. */
export interface PlannedBytes {
  readonly kind: "bytes";
  readonly listener: Listener;
  /** One character for each byte, once it is filled in. */
  readonly bytes: Template;
  /** What the client does once all is written. */
  readonly ending: "wait" | "half-close" | "reset";
}

export type Planned = PlannedRequest | PlannedBytes;
