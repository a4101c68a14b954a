import type { CartItemReply, CartReply } from "@holdfast/client";
import { deadlineOf } from "../../shared/cart/judge-cart.ts";
import { Countdown } from "../../shared/countdown/countdown.tsx";
import { formatTickets } from "../../shared/format/money.ts";
import { Notice } from "../../shared/ui/notice.tsx";

interface HeldHereProps {
  readonly item: CartItemReply;
  readonly cart: CartReply;
}

/** That tickets of this event are in the cart already, and for how long. */
export function HeldHere({ item, cart }: HeldHereProps) {
  const endsAtMs = deadlineOf(cart);
  if (cart.status === "paying")
    return (
      <Notice tone="wait" title={`${formatTickets(item.quantity)} in your cart`}>
        <p>We are checking your payment. Do not pay again.</p>
      </Notice>
    );
  return (
    <Notice tone="good" title={`${formatTickets(item.quantity)} in your cart`}>
      {endsAtMs === null ? null : (
        <p>
          Held for you, <Countdown endsAtMs={endsAtMs} /> left
        </p>
      )}
    </Notice>
  );
}
