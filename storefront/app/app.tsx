import { Route, Switch, useLocation } from "wouter";
import { CartDrawer } from "../features/cart/cart-drawer.tsx";
import { CataloguePage } from "../features/catalogue/catalogue-page.tsx";
import { CheckoutPage } from "../features/checkout/checkout-page.tsx";
import { usePaymentSender } from "../features/checkout/use-payment-sender.ts";
import { EventPage } from "../features/event/event-page.tsx";
import { OrderPage } from "../features/orders/order-page.tsx";
import { TicketsPage } from "../features/orders/tickets-page.tsx";
import { VerifyPanel } from "../features/verify/verify-panel.tsx";
import { useIsCartDrawerOpen } from "../shared/cart/cart-drawer-state.ts";
import { Toasts } from "../shared/toasts/toast-list.tsx";
import { FloatingOffer } from "./floating-offer.tsx";
import { Footer } from "./footer.tsx";
import { Header } from "./header.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { PageBoundary } from "./page-boundary.tsx";
import { useCartKeeper } from "./use-cart-keeper.ts";
import { useScrollToTop } from "./use-scroll-to-top.ts";

/**
 * The frame around every page, and the cart at its side. All of it is one script: browsers do not fetch a part again that
 * once failed to come, and the way to the checkout must not break when the shop was away for a moment.
 */
export function App() {
  const [location] = useLocation();
  const isCartOpen = useIsCartDrawerOpen();
  useCartKeeper();
  usePaymentSender();
  useScrollToTop(location);
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <Header />
      <main id="content" className="content" tabIndex={-1}>
        <PageBoundary key={location}>
          <Switch>
            <Route path="/" component={CataloguePage} />
            <Route path="/events/:id">
              <EventPage Verification={VerifyPanel} />
            </Route>
            <Route path="/checkout" component={CheckoutPage} />
            <Route path="/orders/:id" component={OrderPage} />
            <Route path="/tickets" component={TicketsPage} />
            <Route component={NotFoundPage} />
          </Switch>
        </PageBoundary>
      </main>
      <Footer />
      {isCartOpen ? (
        <PageBoundary key={`cart ${location}`}>
          <CartDrawer />
        </PageBoundary>
      ) : (
        <>
          <FloatingOffer />
          <Toasts />
        </>
      )}
    </>
  );
}
