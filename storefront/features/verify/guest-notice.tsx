import { deadlineOf, heldItems } from "../../shared/cart/judge-cart.ts";
import { useCart } from "../../shared/cart/use-cart.ts";
import { serverNowMs } from "../../shared/clock/server-clock.ts";
import { formatTickets } from "../../shared/format/money.ts";
import { formatInstant } from "../../shared/format/times.ts";
import { useSession } from "../../shared/session/use-session.ts";
import { Notice } from "../../shared/ui/notice.tsx";

/** That what a guest has does not come along to the customer. Nothing to be said to whoever has been no guest. */
export function GuestNotice() {
  const cart = useCart();
  const session = useSession();
  if (session.kind !== "living" || session.session.is_verified) return null;
  const held = cart.kind === "known" ? heldItems(cart.cart, serverNowMs()) : [];
  const tickets = held.reduce((sum, { quantity }) => sum + quantity, 0);
  if (cart.kind !== "known" || tickets === 0)
    return (
      <p className="form__hint">
        What you bought here as a guest cannot be shown by this page afterwards: keep your receipts.
      </p>
    );
  const endsAtMs = deadlineOf(cart.cart);
  const until = endsAtMs === null ? "" : ` until ${formatInstant(endsAtMs, serverNowMs())}`;
  return (
    <Notice tone="wait" title="Your cart does not come along">
      <p>
        It holds {formatTickets(tickets)} for you as a guest{until}. Once your phone is verified, you start
        with an empty cart. Check out first to keep what is in this one.
      </p>
    </Notice>
  );
}
