import type { Cart, CartItem } from "../../api/domain/cart.ts";
import type { BeginCheckoutCommand } from "../../api/domain/commands.ts";
import type { Order } from "../../api/domain/order.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import type { Mutable } from "./stock-model.ts";

/** An item holds on to its reservation itself: the model has no ids to get wrong. */
export interface Line {
  readonly terms: Omit<CartItem, "reservationId">;
  reservation: Mutable<Reservation>;
}

export interface ModelCart {
  readonly id: string;
  readonly userId: string;
  lines: Line[];
  deadlineMs: number | null;
  extensions: number;
  order: ModelOrder | null;
  readonly createdAtMs: number;
}

export interface ModelOrder {
  readonly cart: ModelCart;
  lines: Line[];
  readonly row: Mutable<Omit<Order, "items" | "cartId" | "userId" | "totalCents" | "currency">>;
}

/** A cart that nobody has used. */
export function newCart(id: string, userId: string, nowMs: number): ModelCart {
  return { id, userId, lines: [], deadlineMs: null, extensions: 0, order: null, createdAtMs: nowMs };
}

export function newOrder(
  command: BeginCheckoutCommand,
  holdUntilMs: number,
  nowMs: number,
): ModelOrder["row"] {
  const { orderId, email, provider, token } = command;
  return {
    id: orderId,
    email,
    status: "pending",
    payment: { provider, status: "processing", token, reference: null, declineReason: null },
    holdUntilMs,
    keyDigest: null,
    createdAtMs: nowMs,
    settledAtMs: null,
    paidAtMs: null,
    refundedAtMs: null,
    receiptSentAtMs: null,
  };
}

function itemRow({ terms, reservation }: Line): CartItem {
  return { ...terms, reservationId: reservation.id };
}

/** The cart as it is kept. */
export function cartRow(cart: ModelCart): Cart {
  const { id, userId, lines, deadlineMs, extensions, order, createdAtMs } = cart;
  const [items, orderId] = [lines.map(itemRow), order?.row.id ?? null];
  return { id, userId, items, expiresAtMs: deadlineMs, extensions, orderId, createdAtMs };
}

/** The order as it is kept. */
export function orderRow({ cart, lines, row }: ModelOrder): Order {
  const totalCents = lines.reduce((sum, { terms }) => sum + terms.priceCents * terms.quantity, 0);
  const currency = lines[0]?.terms.currency ?? "";
  return { ...row, cartId: cart.id, userId: cart.userId, totalCents, currency, items: lines.map(itemRow) };
}
