import { Button } from "@mantine/core";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { setCartDrawerOpen } from "../../shared/cart/cart-drawer-state.ts";
import { type CartState, useCart } from "../../shared/cart/use-cart.ts";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { useQueryClient } from "@tanstack/react-query";
import { CheckoutForm } from "./checkout-form.tsx";
import { PaymentFailure } from "./payment-failure.tsx";
import { PaymentInProgress } from "./payment-in-progress.tsx";
import { type PaymentState, setPaymentState, usePaymentState } from "./payment-state.ts";

/** Where the cart is paid. */
export function CheckoutPage() {
  const cart = useCart();
  const payment = usePaymentState();
  useGoToPendingOrder(cart, payment.isPaying);
  useEffect(() => () => setPaymentState({ failure: null }), []);
  return (
    <Page title="Checkout" className="checkout">
      {payment.isPaying ? (
        <PaymentInProgress silence={payment.silence} />
      ) : (
        <CheckoutContent cart={cart} payment={payment} />
      )}
    </Page>
  );
}

interface CheckoutContentProps {
  readonly cart: CartState;
  readonly payment: PaymentState;
}

function CheckoutContent({ cart, payment }: CheckoutContentProps) {
  const client = useQueryClient();
  switch (cart.kind) {
    case "known":
      return <CheckoutForm cart={cart.cart} error={cart.error} payment={payment} />;
    case "loading":
      return <p role="status">Loading your cart</p>;
    case "unreadable":
      return (
        <FailedNotice
          error={cart.error}
          hasOldData={false}
          onRetry={() => client.invalidateQueries({ queryKey: ["cart"] })}
        />
      );
    default:
      return (
        <>
          {payment.failure === null ? null : <PaymentFailure error={payment.failure} />}
          <NothingToPay isRemembered={cart.kind === "lost"} />
        </>
      );
  }
}

function NothingToPay({ isRemembered }: { readonly isRemembered: boolean }) {
  return (
    <div className="blank">
      <p className="blank__title">There is nothing to pay</p>
      {isRemembered ? (
        <>
          <p>No tickets are held for you at the moment. Your list is kept in the cart.</p>
          <Button onClick={() => setCartDrawerOpen(true)}>Open the cart</Button>
        </>
      ) : (
        <>
          <p>Your cart is empty. What you have bought is under My tickets.</p>
          <div className="row">
            <Button component={Link} href="/">
              See what's on
            </Button>
            <Button component={Link} href="/tickets" variant="default">
              My tickets
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

/** A cart that is being paid has an order already, begun here before a reload or in another tab: that is looked at. */
function useGoToPendingOrder(cart: CartState, isPaying: boolean): void {
  const [, navigate] = useLocation();
  const orderId =
    cart.kind === "known" && cart.cart.status === "paying" && !isPaying ? cart.cart.order_id : null;
  useEffect(() => {
    if (orderId !== null) navigate(`/orders/${orderId}`, { replace: true });
  }, [orderId, navigate]);
}
