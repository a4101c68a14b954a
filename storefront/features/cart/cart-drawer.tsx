import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { setCartDrawerOpen } from "../../shared/cart/cart-drawer-state.ts";
import { type CartState, useCart } from "../../shared/cart/use-cart.ts";
import { useHoldEnd } from "../../shared/cart/use-hold-end.ts";
import { useReserveAgain } from "../../shared/cart/use-reserve-again.ts";
import { HoldAnnouncer } from "../../shared/countdown/hold-announcer.tsx";
import { Toasts } from "../../shared/toasts/toast-list.tsx";
import { Drawer } from "../../shared/ui/drawer.tsx";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { holdClockId } from "./hold-clock.tsx";
import { KnownCart } from "./known-cart.tsx";
import { LostCart } from "./lost-cart.tsx";

/** The cart at the side of the screen, over whatever page is open. */
export function CartDrawer() {
  const [location] = useLocation();
  const cart = useCart();
  const close = () => setCartDrawerOpen(false);
  // A link in it leads to another page, which is then looked at.
  useEffect(() => () => setCartDrawerOpen(false), [location]);
  return (
    <Drawer title="Your cart" describedBy={holdClockId} onClose={close}>
      <HoldAnnouncer endsAtMs={useHoldEnd()} />
      <CartContent cart={cart} onClose={close} />
      <Toasts />
    </Drawer>
  );
}

function CartContent({ cart, onClose }: { readonly cart: CartState; readonly onClose: () => void }) {
  const client = useQueryClient();
  // Here, so that what came of it stays in sight while the cart changes from one state to the next.
  const again = useReserveAgain();
  switch (cart.kind) {
    case "empty":
      return <EmptyCart onClose={onClose} />;
    case "loading":
      return (
        <p className="drawer__body" role="status">
          Loading your cart
        </p>
      );
    case "unreadable":
      return (
        <div className="drawer__body">
          <FailedNotice
            error={cart.error}
            hasOldData={false}
            onRetry={() => client.invalidateQueries({ queryKey: ["cart"] })}
          />
        </div>
      );
    case "lost":
      return <LostCart remembered={cart.remembered} endedAtMs={cart.endedAtMs} again={again} />;
    case "known":
      return (
        <KnownCart cart={cart.cart} left={cart.left} error={cart.error} again={again} onClose={onClose} />
      );
    default:
      return null;
  }
}

function EmptyCart({ onClose }: { readonly onClose: () => void }) {
  return (
    <div className="drawer__body blank">
      <p className="blank__title">Nothing in it yet</p>
      <p>Tickets that you reserve are kept here while you decide and pay.</p>
      <Button component={Link} href="/" variant="default" onClick={onClose}>
        See what's on
      </Button>
    </div>
  );
}
