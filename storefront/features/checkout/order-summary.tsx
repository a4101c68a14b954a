import type { CartItemReply, CartReply } from "@holdfast/client";
import { setCartDrawerOpen } from "../../shared/cart/cart-drawer-state.ts";
import { deadlineOf, totalCents } from "../../shared/cart/judge-cart.ts";
import { Countdown } from "../../shared/countdown/countdown.tsx";
import { formatMoney, formatTickets } from "../../shared/format/money.ts";
import { formatInstant } from "../../shared/format/times.ts";

interface OrderSummaryProps {
  readonly cart: CartReply;
  readonly held: readonly CartItemReply[];
  readonly ended: readonly CartItemReply[];
  readonly nowMs: number;
}

/** What is about to be bought, what it costs, and how long it is held. */
export function OrderSummary({ cart, held, ended, nowMs }: OrderSummaryProps) {
  const endsAtMs = deadlineOf(cart);
  const currency = cart.items[0]?.currency ?? "USD";
  return (
    <section className="panel summary" aria-labelledby="summary-title">
      <h2 id="summary-title" className="form__title">
        Your order
      </h2>
      {held.length > 0 && endsAtMs !== null ? (
        <p className="summary__hold">
          Held until {formatInstant(endsAtMs, nowMs)} <Countdown endsAtMs={endsAtMs} />
        </p>
      ) : null}
      <ul className="summary__items">
        {held.map((item) => (
          <li key={item.event_id} className="summary__item">
            <span>
              {item.name}
              <span className="summary__count"> {formatTickets(item.quantity)}</span>
            </span>
            <span className="figure">{formatMoney(item.quantity * item.price_cents, item.currency)}</span>
          </li>
        ))}
        {ended.map((item) => (
          <li key={item.event_id} className="summary__item summary__item--ended">
            <span>
              {item.name}
              <span className="summary__count"> {formatTickets(item.quantity)}, not held any more</span>
            </span>
          </li>
        ))}
      </ul>
      {held.length === 0 ? null : (
        <p className="total">
          <span>Total</span>
          <strong>{formatMoney(totalCents(held), currency)}</strong>
        </p>
      )}
      <button type="button" className="text-button" onClick={() => setCartDrawerOpen(true)}>
        Change the cart
      </button>
    </section>
  );
}
