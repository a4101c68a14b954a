import { ExtendOffer } from "../features/cart/extend-offer.tsx";
import { useCart } from "../shared/cart/use-cart.ts";
import { useHoldEnd } from "../shared/cart/use-hold-end.ts";
import { useServerNow } from "../shared/clock/use-server-now.ts";
import { HoldAnnouncer } from "../shared/countdown/hold-announcer.tsx";

/** Says on every page how long the hold lasts, and offers more time before it ends. The open cart does so itself. */
export function FloatingOffer() {
  const cart = useCart();
  const endsAtMs = useHoldEnd();
  const nowMs = useServerNow(cart.kind === "known");
  return (
    <>
      <HoldAnnouncer endsAtMs={endsAtMs} isEndShown />
      {cart.kind === "known" ? (
        <div className="floating">
          <ExtendOffer cart={cart.cart} nowMs={nowMs} />
        </div>
      ) : null}
    </>
  );
}
