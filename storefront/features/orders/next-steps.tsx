import { Button } from "@mantine/core";
import type { OrderReply } from "@holdfast/client";
import { IconPrinter } from "@tabler/icons-react";
import { Link } from "wouter";
import { setCartDrawerOpen } from "../../shared/cart/cart-drawer-state.ts";
import { countdownEndOf } from "../../shared/cart/judge-cart.ts";
import { useCart } from "../../shared/cart/use-cart.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { Countdown } from "../../shared/countdown/countdown.tsx";
import { Notice } from "../../shared/ui/notice.tsx";

/** What can be done with an order as it stands. */
export function NextSteps({ order }: { readonly order: OrderReply }) {
  switch (order.status) {
    case "pending":
      return null;
    case "declined":
    case "cancelled":
      return <TryAgain cartId={order.cart_id} />;
    default:
      return (
        <div className="row order__tools">
          <Button
            variant="default"
            leftSection={<IconPrinter size={18} aria-hidden />}
            onClick={() => print()}
          >
            Print
          </Button>
          <Button component={Link} href="/tickets" variant="default">
            My tickets
          </Button>
          <Button component={Link} href="/" variant="default">
            See what's on
          </Button>
        </div>
      );
  }
}

/** What was not charged can be paid otherwise, for as long as the tickets are held. */
function TryAgain({ cartId }: { readonly cartId: string }) {
  const cart = useCart();
  const nowMs = useServerNow();
  const endsAtMs = cart.kind === "known" && cart.cart.id === cartId ? countdownEndOf(cart.cart) : null;
  if (endsAtMs !== null && endsAtMs > nowMs)
    return (
      <Notice tone="good" title="Your tickets are still held">
        <p>
          <Countdown endsAtMs={endsAtMs} /> left to pay in another way.
        </p>
        <Button component={Link} href="/checkout">
          Pay with another card
        </Button>
      </Notice>
    );
  return (
    <div className="row order__tools">
      <Button onClick={() => setCartDrawerOpen(true)}>Open the cart</Button>
      <Button component={Link} href="/" variant="default">
        See what's on
      </Button>
    </div>
  );
}
