import type { CartItemReply, CartReply } from "../contract/carts.ts";
import type { OrderReply } from "../contract/orders.ts";
import { type CartItem, type CartView, statusOfCart, statusOfItem } from "../domain/cart.ts";
import type { Order } from "../domain/order.ts";
import { presentInstant, presentOptionalInstant } from "./present.ts";

/** A cart as clients see it. */
export function presentCart(view: CartView): CartReply {
  const { cart } = view;
  const items = cart.items.map((item) => presentCartItem(item, view));
  const counting = items.filter((item) => item.status !== "expired");
  return {
    id: cart.id,
    user_id: cart.userId,
    status: statusOfCart(view),
    expires_at: presentOptionalInstant(cart.expiresAtMs),
    items,
    total_cents: counting.reduce((total, item) => total + item.quantity * item.price_cents, 0),
    // What has expired no longer decides in which currency the rest is paid.
    currency: (counting[0] ?? items[0])?.currency ?? null,
    extensions_left: view.extensionsLeft,
    order_id: cart.orderId,
    created_at: presentInstant(cart.createdAtMs),
  };
}

function presentCartItem(item: CartItem, { reservations, nowMs }: CartView): CartItemReply {
  return {
    event_id: item.eventId,
    name: item.name,
    quantity: item.quantity,
    price_cents: item.priceCents,
    currency: item.currency,
    status: statusOfItem(reservations.get(item.reservationId), nowMs),
    reservation_id: item.reservationId,
  };
}

/** An order as clients see it. */
export function presentOrder(order: Order): OrderReply {
  const { payment } = order;
  return {
    id: order.id,
    cart_id: order.cartId,
    user_id: order.userId,
    email: order.email,
    status: order.status,
    total_cents: order.totalCents,
    currency: order.currency,
    items: order.items.map((item) => ({
      event_id: item.eventId,
      reservation_id: item.reservationId,
      name: item.name,
      quantity: item.quantity,
      price_cents: item.priceCents,
    })),
    payment: {
      provider: payment.provider,
      status: payment.status,
      decline_reason: payment.declineReason,
    },
    created_at: presentInstant(order.createdAtMs),
    paid_at: presentOptionalInstant(order.paidAtMs),
    refunded_at: presentOptionalInstant(order.refundedAtMs),
  };
}
