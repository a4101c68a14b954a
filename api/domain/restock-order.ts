/**
 * `open` until the supplier has taken it, `placed` until its delivery is reported. `given_up` and `cancelled` came to
 * nothing, and may be opened again.
 */
export type RestockStatus = "open" | "placed" | "delivered" | "given_up" | "cancelled";

/** One order of more tickets from an event's supplier, on the terms of the moment in which it was opened. */
export interface RestockOrder {
  /** Tells its event, as a reservation's id does. Also the key under which the supplier is asked, however often. */
  readonly id: string;
  readonly eventId: string;
  readonly quantity: number;
  readonly supplierUrl: string;
  readonly status: RestockStatus;
  /** How often the supplier was asked since it was opened. */
  readonly attempts: number;
  /** Why the last attempt failed, or why it was closed; null when nothing went wrong. */
  readonly lastError: string | null;
  /** The supplier's own name for it; null until it gave one. */
  readonly supplierReference: string | null;
  readonly createdAtMs: number;
  readonly placedAtMs: number | null;
  readonly deliveredAtMs: number | null;
  /** When it was given up or cancelled. */
  readonly closedAtMs: number | null;
}

/** A new order that nobody has told the supplier of. */
export function newRestockOrder(
  given: Pick<RestockOrder, "id" | "eventId" | "quantity" | "supplierUrl" | "createdAtMs">,
): RestockOrder {
  return {
    id: given.id,
    eventId: given.eventId,
    quantity: given.quantity,
    supplierUrl: given.supplierUrl,
    status: "open",
    attempts: 0,
    lastError: null,
    supplierReference: null,
    createdAtMs: given.createdAtMs,
    placedAtMs: null,
    deliveredAtMs: null,
    closedAtMs: null,
  };
}

/** Whether an order came to nothing. */
export function isClosed({ status }: Pick<RestockOrder, "status">): boolean {
  return status === "given_up" || status === "cancelled";
}
