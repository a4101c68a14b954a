import type { CartItemReply, CartReply } from "@holdfast/client";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { explain, isRefusal } from "../../shared/api/explain-problem.ts";
import { EventArt } from "../../shared/art/event-art.tsx";
import { tellUncertain } from "../../shared/cart/tell-uncertain.ts";
import { useCartActions } from "../../shared/cart/use-cart-actions.ts";
import { formatMoney, formatPrice, formatTickets } from "../../shared/format/money.ts";
import { eventQuery } from "../../shared/queries/event-query.ts";
import { showToast } from "../../shared/toasts/toasts.ts";
import { ActionButton } from "../../shared/ui/action-button.tsx";
import { focusHeading } from "../../shared/ui/focus-heading.ts";
import { QuantityPicker } from "../../shared/ui/quantity-picker.tsx";

interface CartItemProps {
  readonly item: CartItemReply;
  readonly cart: CartReply;
  readonly isHeld: boolean;
  /** While it is being paid, nothing can be changed. */
  readonly isLocked: boolean;
}

/** One event of the cart, with how many tickets and the way to change that. */
export function CartItem({ item, cart, isHeld, isLocked }: CartItemProps) {
  const { put, remove } = useCartActions();
  const { data: event } = useQuery(eventQuery(item.event_id));
  const isBusy = put.isPending || remove.isPending;
  const error = put.error ?? remove.error;
  const change = (quantity: number) => {
    remove.reset();
    put.mutate({ event_id: item.event_id, quantity });
  };
  const takeOut = async () => {
    put.reset();
    try {
      await remove.mutateAsync({ cart_id: cart.id, event_id: item.event_id });
    } catch {
      // Told beside the item.
      return;
    }
    tellRemoved(item);
  };
  return (
    <li className="item" data-is-held={isHeld} aria-busy={isBusy}>
      <div className="item__art">
        <EventArt eventId={item.event_id} />
      </div>
      <div className="item__text">
        <h3 className="item__name">
          <Link href={`/events/${item.event_id}`}>{item.name}</Link>
        </h3>
        <p className="item__price">
          {formatTickets(item.quantity)}
          {item.price_cents === 0 ? ", free" : `, ${formatPrice(item.price_cents, item.currency)} each`}
        </p>
      </div>
      <p className="item__sum">
        {isHeld ? formatMoney(item.quantity * item.price_cents, item.currency) : null}
      </p>
      {isLocked ? null : (
        <div className="item__tools">
          {isHeld && (event?.max_quantity ?? item.quantity) > 1 ? (
            <QuantityPicker
              label={`Tickets for ${item.name}`}
              quantity={item.quantity}
              quantityMax={event?.max_quantity ?? item.quantity}
              isDisabled={isBusy}
              onChange={change}
            />
          ) : null}
          <ActionButton
            variant="subtle"
            color="gray"
            leftSection={<IconTrash size={18} aria-hidden />}
            aria-label={`Remove ${item.name}`}
            isBusy={isBusy}
            onClick={() => void takeOut()}
          >
            Remove
          </ActionButton>
        </div>
      )}
      {error === null ? null : (
        <p className="item__error" role="alert">
          {isRefusal(error) ? explain(error) : tellUncertain(error)}
        </p>
      )}
    </li>
  );
}

function tellRemoved({ name }: CartItemReply): void {
  focusHeading();
  showToast(`${name} was removed from your cart.`);
}
