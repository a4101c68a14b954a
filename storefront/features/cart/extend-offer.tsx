import type { CartReply } from "@holdfast/client";
import { explain, isRefusal } from "../../shared/api/explain-problem.ts";
import { deadlineOf } from "../../shared/cart/judge-cart.ts";
import { tellUncertain } from "../../shared/cart/tell-uncertain.ts";
import { useCartActions } from "../../shared/cart/use-cart-actions.ts";
import { useHoldEnd } from "../../shared/cart/use-hold-end.ts";
import { serverNowMs } from "../../shared/clock/server-clock.ts";
import { Countdown } from "../../shared/countdown/countdown.tsx";
import { formatInstant } from "../../shared/format/times.ts";
import { showToast } from "../../shared/toasts/toasts.ts";
import { ActionButton } from "../../shared/ui/action-button.tsx";
import { focusHeading } from "../../shared/ui/focus-heading.ts";

const offeredMs = 120_000;

interface ExtendOfferProps {
  readonly cart: CartReply;
  readonly nowMs: number;
}

/** Offers more time in the last two minutes, where the events allow it. */
export function ExtendOffer({ cart, nowMs }: ExtendOfferProps) {
  const { extend } = useCartActions();
  const endsAtMs = useHoldEnd();
  if (endsAtMs === null || cart.extensions_left === 0) return null;
  const leftMs = endsAtMs - nowMs;
  if (leftMs <= 0 || leftMs > offeredMs) return null;
  const ask = async () => {
    let extended;
    try {
      extended = await extend.mutateAsync(cart);
    } catch {
      // Told beside the offer.
      return;
    }
    tellExtended(extended);
  };
  return (
    <section className="offer" aria-label="More time">
      <div className="offer__text">
        <p className="offer__title">
          Need more time? <Countdown endsAtMs={endsAtMs} /> left
        </p>
        <p>
          {cart.extensions_left === 1
            ? "You can extend your hold once more."
            : `You can extend your hold ${cart.extensions_left} more times.`}
        </p>
        {extend.error === null || extend.isPending ? null : (
          <p role="alert">{isRefusal(extend.error) ? explain(extend.error) : tellUncertain(extend.error)}</p>
        )}
      </div>
      <ActionButton isBusy={extend.isPending} onClick={() => void ask()}>
        Keep my tickets longer
      </ActionButton>
    </section>
  );
}

function tellExtended(cart: CartReply): void {
  const endsAtMs = deadlineOf(cart);
  // The offer goes, and its button with it.
  focusHeading();
  if (endsAtMs !== null)
    showToast(`Your tickets are now held until ${formatInstant(endsAtMs, serverNowMs())}.`);
}
