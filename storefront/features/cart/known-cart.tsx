import { Button } from "@mantine/core";
import type { CartReply } from "@holdfast/client";
import { Link } from "wouter";
import { explain } from "../../shared/api/explain-problem.ts";
import { HoldEndedNotice } from "../../shared/cart/hold-ended-notice.tsx";
import {
  countdownEndOf,
  deadlineOf,
  endedItems,
  heldItems,
  totalCents,
} from "../../shared/cart/judge-cart.ts";
import { ReserveAgainButton, ReserveAgainResults } from "../../shared/cart/reserve-again.tsx";
import type { KeptItem } from "../../shared/cart/stored-cart.ts";
import type { ReserveAgain } from "../../shared/cart/use-reserve-again.ts";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { formatMoney } from "../../shared/format/money.ts";
import { SessionWarning } from "../../shared/session/session-warning.tsx";
import { Notice } from "../../shared/ui/notice.tsx";
import { CartItem } from "./cart-item.tsx";
import { EndedItem } from "./ended-item.tsx";
import { ExtendOffer } from "./extend-offer.tsx";
import { HoldClock } from "./hold-clock.tsx";

interface KnownCartProps {
  readonly cart: CartReply;
  /** What is left of a cart before. */
  readonly left: readonly KeptItem[];
  readonly error: unknown;
  readonly again: ReserveAgain;
  readonly onClose: () => void;
}

/** What is in the cart: first what is held, then what is not held any more. */
export function KnownCart({ cart, left, error, again, onClose }: KnownCartProps) {
  const nowMs = useServerNow();
  const { reserveAgain, isRunning, results } = again;
  const [held, ended] = [heldItems(cart, nowMs), endedItems(cart, nowMs)];
  const isPaying = cart.status === "paying";
  const missing = [...ended, ...left];
  const tryAgain = <ReserveAgainButton isRunning={isRunning} onClick={() => void reserveAgain(missing)} />;
  return (
    <>
      <div className="drawer__body">
        {error === null ? null : (
          <Notice tone="bad" role="status">
            <p>{explain(error)} What is shown is what was known before.</p>
          </Notice>
        )}
        {isPaying ? <PayingNotice cart={cart} /> : null}
        {held.length > 0 && !isPaying ? <HoldClock endsAtMs={deadlineOf(cart)} nowMs={nowMs} /> : null}
        <SessionWarning holdEndMs={countdownEndOf(cart)} />
        <ExtendOffer cart={cart} nowMs={nowMs} />
        {held.length === 0 && !isPaying ? (
          <HoldEndedNotice cart={cart} nowMs={nowMs}>
            {tryAgain}
          </HoldEndedNotice>
        ) : null}
        <ReserveAgainResults results={results} />
        <ul className="items" aria-label="Held for you" hidden={held.length === 0}>
          {held.map((item) => (
            <CartItem key={item.event_id} item={item} cart={cart} isHeld isLocked={isPaying} />
          ))}
        </ul>
        {missing.length > 0 && held.length > 0 ? (
          <Notice tone="wait" title="Not held any more">
            <p>The hold on these has ended. They are not part of what you pay.</p>
            {isPaying ? null : tryAgain}
          </Notice>
        ) : null}
        <ul className="items" aria-label="Not held any more" hidden={missing.length === 0}>
          {ended.map((item) => (
            <CartItem key={item.event_id} item={item} cart={cart} isHeld={false} isLocked={isPaying} />
          ))}
          {left.map((item) => (
            <EndedItem key={item.event_id} item={item} />
          ))}
        </ul>
      </div>
      {held.length > 0 && !isPaying ? (
        <div className="drawer__foot">
          <p className="total">
            <span>Total</span>
            <strong>{formatMoney(totalCents(held), held[0]?.currency ?? "USD")}</strong>
          </p>
          <Button component={Link} href="/checkout" size="lg" fullWidth onClick={onClose}>
            Check out
          </Button>
        </div>
      ) : null}
    </>
  );
}

function PayingNotice({ cart }: { readonly cart: CartReply }) {
  return (
    <Notice tone="wait" title="We are checking your payment. Do not pay again.">
      <p>Either the tickets are yours soon, or you do not pay for them.</p>
      {cart.order_id === null ? null : <Link href={`/orders/${cart.order_id}`}>See how it stands</Link>}
    </Notice>
  );
}
