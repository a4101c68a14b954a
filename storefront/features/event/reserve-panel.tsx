import type { EventReply } from "@holdfast/client";
import { type ComponentType, useState } from "react";
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
import { useVerifying } from "./use-verifying.ts";

export interface ReservePanelProps {
  readonly event: EventReply;
  readonly sale: EventSale;
  /** The way to a verified phone, shown where the event asks for one. */
  readonly Verification: ComponentType<VerificationProps>;
}

interface VerificationProps {
  readonly wanted: { readonly event_id: string; readonly quantity: number };
  readonly onVerified: () => void;
  readonly onLeave: () => void;
}

/** The price, the stock, and the way to reserve. A hold is claimed only once the service has answered with it. */
export function ReservePanel({ event, sale, Verification }: ReservePanelProps) {
  const cart = useCart();
  const { put } = useCartActions();
  const [chosen, setChosen] = useState<number | null>(null);
  const held =
    cart.kind === "known"
      ? heldItems(cart.cart, sale.nowMs).find(({ event_id }) => event_id === event.id)
      : undefined;
  const heldQuantity = held?.quantity ?? 0;
  const verifying = useVerifying(event, put.error);
  const quantity = Math.min(verifying.quantity ?? chosen ?? Math.max(heldQuantity, 1), event.max_quantity);
  const isPaying = cart.kind === "known" && cart.cart.status === "paying";
  const canReserve = sale.words.isBuyable || heldQuantity > 0;
  const isInCart = heldQuantity > 0 && quantity === heldQuantity;
  const tickets = formatTickets(quantity);
  const reserve = () => {
    if (put.isPending) return;
    put.mutate({ event_id: event.id, quantity }, { onSuccess: () => setCartDrawerOpen(true) });
  };
  const onVerified = () => {
    // So that it shows what is reserved, whatever was chosen before a reload.
    setChosen(quantity);
    verifying.close();
    reserve();
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
            isDisabled={!canReserve || isPaying || verifying.quantity !== null}
            onChange={setChosen}
          />
          <p className="reserve__total">
            {event.price_cents === 0 ? "Free" : formatMoney(quantity * event.price_cents, event.currency)}
          </p>
        </div>
      ) : null}
      {verifying.isNeeded && !isInCart ? (
        <p>
          <strong>This event sells to verified phones only, one reservation each.</strong>
          {verifying.isOpen ? "" : " We send a code to your phone before we reserve."}
        </p>
      ) : null}
      {verifying.isOpen && !isInCart ? (
        <Verification
          wanted={{ event_id: event.id, quantity }}
          onVerified={onVerified}
          onLeave={verifying.close}
        />
      ) : (
        <ActionButton
          size="lg"
          fullWidth
          disabled={!isInCart && (!canReserve || isPaying)}
          isBusy={put.isPending}
          onClick={isInCart ? () => setCartDrawerOpen(true) : verifying.isNeeded ? verifying.open : reserve}
        >
          {isInCart
            ? "Open the cart"
            : heldQuantity > 0
              ? `Change to ${tickets}`
              : verifying.isNeeded
                ? `Verify my phone for ${tickets}`
                : `Reserve ${tickets}`}
        </ActionButton>
      )}
      <p className="visually-hidden" role="status">
        {put.isPending ? "Asking the shop for your tickets" : ""}
      </p>
      {put.error === null || put.isPending || verifying.isOpen ? null : (
        <ReserveFailure error={put.error} isChange={heldQuantity > 0} />
      )}
    </section>
  );
}
