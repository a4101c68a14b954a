import type { EventReply } from "@holdfast/client";
import { useState } from "react";
import { setCartDrawerOpen } from "../../shared/cart/cart-drawer-state.ts";
import { heldItems } from "../../shared/cart/judge-cart.ts";
import { useCart } from "../../shared/cart/use-cart.ts";
import { useCartActions } from "../../shared/cart/use-cart-actions.ts";
import { formatMoney, formatPrice, formatTickets } from "../../shared/format/money.ts";
import { LivenessLine } from "../../shared/stock/liveness-line.tsx";
import { StockLine } from "../../shared/stock/stock-line.tsx";
import { ActionButton } from "../../shared/ui/action-button.tsx";
import { QuantityPicker } from "../../shared/ui/quantity-picker.tsx";
import { HeldHere } from "./held-here.tsx";
import { ReserveFailure } from "./reserve-failure.tsx";
import type { EventSale } from "./use-event-stock.ts";

interface ReservePanelProps {
  readonly event: EventReply;
  readonly sale: EventSale;
}

/** The price, the stock, and the way to reserve. A hold is claimed only once the service has answered with it. */
export function ReservePanel({ event, sale }: ReservePanelProps) {
  const cart = useCart();
  const { put } = useCartActions();
  const [chosen, setChosen] = useState<number | null>(null);
  const held =
    cart.kind === "known"
      ? heldItems(cart.cart, sale.nowMs).find(({ event_id }) => event_id === event.id)
      : undefined;
  const heldQuantity = held?.quantity ?? 0;
  const quantity = Math.min(chosen ?? Math.max(heldQuantity, 1), event.max_quantity);
  const isPaying = cart.kind === "known" && cart.cart.status === "paying";
  const canReserve = sale.words.isBuyable || heldQuantity > 0;
  const isInCart = heldQuantity > 0 && quantity === heldQuantity;
  const tickets = formatTickets(quantity);
  const reserve = () => {
    if (put.isPending) return;
    put.mutate({ event_id: event.id, quantity }, { onSuccess: () => setCartDrawerOpen(true) });
  };
  return (
    <section className="panel reserve" aria-label="Reserve">
      <p className="reserve__price">
        {formatPrice(event.price_cents, event.currency)}
        {event.price_cents === 0 ? null : <span className="reserve__each"> each</span>}
      </p>
      <div className="reserve__stock">
        <StockLine words={sale.words} asOfMs={sale.asOfMs} nowMs={sale.nowMs} />
        <LivenessLine liveness={sale.liveness} nowMs={sale.nowMs} />
      </div>
      {held === undefined || cart.kind !== "known" ? null : <HeldHere item={held} cart={cart.cart} />}
      {event.max_quantity > 1 ? (
        <div className="reserve__quantity">
          <QuantityPicker
            label="Number of tickets"
            quantity={quantity}
            quantityMax={event.max_quantity}
            isDisabled={!canReserve || isPaying}
            onChange={setChosen}
          />
          <p className="reserve__total">
            {event.price_cents === 0 ? "Free" : formatMoney(quantity * event.price_cents, event.currency)}
          </p>
        </div>
      ) : null}
      <ActionButton
        size="lg"
        fullWidth
        disabled={!isInCart && (!canReserve || isPaying)}
        isBusy={put.isPending}
        onClick={isInCart ? () => setCartDrawerOpen(true) : reserve}
      >
        {isInCart ? "Open the cart" : heldQuantity > 0 ? `Change to ${tickets}` : `Reserve ${tickets}`}
      </ActionButton>
      <p className="visually-hidden" role="status">
        {put.isPending ? "Asking the shop for your tickets" : ""}
      </p>
      {put.error === null || put.isPending ? null : (
        <ReserveFailure error={put.error} isChange={heldQuantity > 0} />
      )}
    </section>
  );
}
