import { Loader } from "@mantine/core";
import type { OrderReply } from "@holdfast/client";
import { EventArt } from "../../shared/art/event-art.tsx";
import { formatMoney, formatTickets } from "../../shared/format/money.ts";
import { formatInstant } from "../../shared/format/times.ts";
import { describeOrder } from "./describe-order.ts";

interface ReceiptProps {
  readonly order: OrderReply;
  readonly nowMs: number;
}

/** What an order is about, as a ticket with a stub for each event. */
export function Receipt({ order, nowMs }: ReceiptProps) {
  const { currency } = order;
  return (
    <section className="receipt" aria-label="Receipt">
      <ul className="receipt__stubs">
        {order.items.map((item) => (
          <li className="stub" key={item.reservation_id}>
            <div className="stub__art">
              <EventArt eventId={item.event_id} />
            </div>
            <div className="stub__text">
              <h2 className="stub__name">{item.name}</h2>
              <p>
                {formatTickets(item.quantity)}
                {item.price_cents === 0 ? ", free" : `, ${formatMoney(item.price_cents, currency)} each`}
              </p>
              {order.status === "paid" ? (
                <p className="stub__code">Reservation {item.reservation_id}</p>
              ) : null}
            </div>
            <p className="stub__sum">{formatMoney(item.quantity * item.price_cents, currency)}</p>
          </li>
        ))}
      </ul>
      <dl className="receipt__facts">
        <div>
          <dt>Status</dt>
          <dd className="receipt__status">
            {order.status === "pending" ? <Loader size={16} color="var(--text)" aria-hidden /> : null}
            {describeOrder(order, nowMs).short}
          </dd>
        </div>
        <div>
          <dt>Ordered</dt>
          <dd>{formatInstant(Date.parse(order.created_at), nowMs)}</dd>
        </div>
        {order.paid_at === null ? null : (
          <div>
            <dt>Paid</dt>
            <dd>{formatInstant(Date.parse(order.paid_at), nowMs)}</dd>
          </div>
        )}
        <div className="receipt__wide">
          <dt>Order number</dt>
          <dd className="receipt__number">{order.id}</dd>
        </div>
      </dl>
      <p className="total receipt__total">
        <span>Total</span>
        <strong>{formatMoney(order.total_cents, currency)}</strong>
      </p>
    </section>
  );
}
