import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "wouter";
import { EventArt } from "../../shared/art/event-art.tsx";
import { forgetItem, type KeptItem } from "../../shared/cart/stored-cart.ts";
import { focusHeading } from "../../shared/ui/focus-heading.ts";
import { formatTickets } from "../../shared/format/money.ts";

/** An event of an earlier cart, of which only this browser knows. */
export function EndedItem({ item }: { readonly item: KeptItem }) {
  const { event_id, name, quantity } = item;
  return (
    <li className="item" data-is-held={false}>
      <div className="item__art">
        <EventArt eventId={event_id} />
      </div>
      <div className="item__text">
        <h3 className="item__name">
          <Link href={`/events/${event_id}`}>{name}</Link>
        </h3>
        <p className="item__price">{formatTickets(quantity)}</p>
      </div>
      <div className="item__tools">
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconTrash size={18} aria-hidden />}
          aria-label={`Remove ${name}`}
          onClick={() => {
            forgetItem(event_id);
            focusHeading();
          }}
        >
          Remove
        </Button>
      </div>
    </li>
  );
}
