import type { EventReply } from "@holdfast/client";
import { Link } from "wouter";
import { EventArt } from "../../shared/art/event-art.tsx";
import { formatPrice } from "../../shared/format/money.ts";
import type { Stock } from "../../shared/stock/stock.ts";
import { StockLine } from "../../shared/stock/stock-line.tsx";
import { describeStock } from "../../shared/stock/stock-words.ts";

interface EventCardProps {
  readonly event: EventReply;
  readonly stock: Stock;
  readonly asOfMs: number | null;
  readonly nowMs: number;
}

/** An event in the catalogue; all of it is one link. */
export function EventCard({ event, stock, asOfMs, nowMs }: EventCardProps) {
  return (
    <li className="card">
      <div className="card__art">
        <EventArt eventId={event.id} />
      </div>
      <div className="card__text">
        <h2 className="card__name">
          <Link href={`/events/${event.id}`} className="card__link">
            {event.name}
          </Link>
        </h2>
        <p className="card__price">{formatPrice(event.price_cents, event.currency)}</p>
        <StockLine words={describeStock(stock, event, nowMs)} asOfMs={asOfMs} nowMs={nowMs} />
      </div>
    </li>
  );
}
