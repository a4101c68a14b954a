import type { OrderReply } from "@holdfast/client";
import {
  type Icon,
  IconCircleCheck,
  IconCircleX,
  IconHourglassHigh,
  IconReceiptRefund,
} from "@tabler/icons-react";
import { Link } from "wouter";
import { EventArt } from "../../shared/art/event-art.tsx";
import { countTickets } from "../../shared/cart/judge-cart.ts";
import { formatMoney, formatTickets } from "../../shared/format/money.ts";
import { formatInstant } from "../../shared/format/times.ts";
import { describeOrder } from "./describe-order.ts";

const signs: Readonly<Record<OrderReply["status"], Icon>> = {
  pending: IconHourglassHigh,
  paid: IconCircleCheck,
  declined: IconCircleX,
  refunded: IconReceiptRefund,
  cancelled: IconCircleX,
};

interface OrderRowProps {
  readonly order: OrderReply;
  readonly nowMs: number;
}

/** An order in the list; all of it is one link. */
export function OrderRow({ order, nowMs }: OrderRowProps) {
  const Sign = signs[order.status];
  const [first, ...others] = order.items;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return (
    <li className={`order-row order-row--${order.status}`}>
      <div className="order-row__art">
        {first === undefined ? null : <EventArt eventId={first.event_id} />}
      </div>
      <div className="order-row__text">
        <h2 className="order-row__name">
          <Link href={`/orders/${order.id}`} className="card__link">
            {first?.name ?? "Order"}
            {more}
          </Link>
        </h2>
        <p>
          {formatTickets(countTickets(order.items))}, {formatMoney(order.total_cents, order.currency)}
        </p>
        <p className="order-row__when">{formatInstant(Date.parse(order.created_at), nowMs)}</p>
      </div>
      <p className="order-row__status">
        <Sign size={18} stroke={2} aria-hidden /> {describeOrder(order, nowMs).short}
      </p>
    </li>
  );
}
