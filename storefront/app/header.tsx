import { IconShoppingBag, IconTicket } from "@tabler/icons-react";
import { Link } from "wouter";
import { setCartDrawerOpen } from "../shared/cart/cart-drawer-state.ts";
import { countTickets, heldItems } from "../shared/cart/judge-cart.ts";
import { useCart } from "../shared/cart/use-cart.ts";
import { useHoldEnd } from "../shared/cart/use-hold-end.ts";
import { storedAttempt } from "../shared/checkout/stored-attempt.ts";
import { useServerNow } from "../shared/clock/use-server-now.ts";
import { Countdown } from "../shared/countdown/countdown.tsx";
import { formatTickets } from "../shared/format/money.ts";
import { useStored } from "../shared/storage/stored-value.ts";
import { Brand } from "./brand.tsx";

/** The way home, to the tickets, and to the cart with what is left of its time. It stays in sight. */
export function Header() {
  return (
    <header className="header">
      <div className="header__content">
        <Link href="/" className="header__brand">
          <Brand />
        </Link>
        <nav className="header__links" aria-label="Shop">
          <Link href="/tickets" className="header__link">
            <IconTicket size={22} stroke={1.8} aria-hidden />
            <span className="header__word">My tickets</span>
          </Link>
          <CartButton />
        </nav>
      </div>
    </header>
  );
}

function CartButton() {
  const cart = useCart();
  const nowMs = useServerNow(cart.kind === "known");
  const held = cart.kind === "known" ? heldItems(cart.cart, nowMs) : [];
  const holdEndMs = useHoldEnd();
  const isSent = useStored(storedAttempt) !== null;
  const endsAtMs = held.length > 0 ? holdEndMs : null;
  const count = countTickets(held);
  const isPaying = isSent || (cart.kind === "known" && cart.cart.status === "paying");
  const contents = count === 0 ? "nothing held" : `${formatTickets(count)} held`;
  return (
    <button
      type="button"
      className="cart-button"
      data-holds={held.length > 0}
      aria-haspopup="dialog"
      onClick={() => setCartDrawerOpen(true)}
    >
      <span className="visually-hidden">
        Cart, {contents}
        {isPaying ? ", paying" : ""}
      </span>
      <span className="cart-button__content" aria-hidden>
        <IconShoppingBag size={22} stroke={1.8} />
        {count === 0 ? (
          <span className="header__word">Cart</span>
        ) : (
          <span className="cart-button__count">{count}</span>
        )}
        {endsAtMs === null ? null : <Countdown endsAtMs={endsAtMs} />}
        {isPaying ? <span className="cart-button__paying">Paying</span> : null}
      </span>
    </button>
  );
}
