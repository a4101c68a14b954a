import { isOverdue, type Reservation } from "./reservation.ts";

/** One line of a cart: what was put in it, on the terms of that moment. */
export interface CartItem {
  readonly eventId: string;
  /** The hold that keeps its tickets. */
  readonly reservationId: string;
  readonly quantity: number;
  readonly name: string;
  /** What one ticket costs whoever checks this cart out, whatever the event costs by then. */
  readonly priceCents: number;
  readonly currency: string;
}

/** Several holds of one user under one deadline. An item leaves the list only when it is removed. */
export interface Cart {
  /** Made by the client. */
  readonly id: string;
  readonly userId: string;
  /** At most `cartItemsMax`, each of another event, in the order in which they came. */
  readonly items: readonly CartItem[];
  /** The one deadline, set by the first item; null while nothing is or was held under it. */
  readonly expiresAtMs: number | null;
  /** How often the deadline was moved. */
  readonly extensions: number;
  /** The order that was begun last. Null before the first. */
  readonly orderId: string | null;
  readonly createdAtMs: number;
}

export const cartItemsMax = 20;

export type CartStatus = "open" | "paying" | "ordered" | "expired";

/** A cart with all that is needed to tell how it stands. */
export interface CartView {
  readonly cart: Cart;
  /** The reservations of its items, by their ids. */
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** Of its last order; null when it has none. */
  readonly orderStatus: "pending" | "paid" | "declined" | "refunded" | "cancelled" | null;
  /** How often its deadline may still be moved. */
  readonly extensionsLeft: number;
  /** Database time of the look. */
  readonly nowMs: number;
}

export type CartItemStatus = "held" | "sold" | "expired";

/** How one line of a cart stands at `nowMs` (database time). */
export function statusOfItem(reservation: Reservation | undefined, nowMs: number): CartItemStatus {
  if (reservation?.status === "confirmed") return "sold";
  return reservation?.status === "held" && !isOverdue(reservation, nowMs) ? "held" : "expired";
}

/** What a buyer may expect of a cart. While it is being paid, its own deadline does not end it. */
export function statusOfCart({ cart, orderStatus, nowMs }: CartView): CartStatus {
  if (orderStatus === "pending") return "paying";
  // A cart whose order was paid, and perhaps refunded later, has served.
  if (orderStatus === "paid" || orderStatus === "refunded") return "ordered";
  return cart.expiresAtMs !== null && nowMs >= cart.expiresAtMs ? "expired" : "open";
}
