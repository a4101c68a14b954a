import type { EventReply } from "@holdfast/client";
import type { ReactNode } from "react";
import { formatDuration, formatInstant } from "../../shared/format/times.ts";
import { formatTickets } from "../../shared/format/money.ts";

interface EventFactsProps {
  readonly event: EventReply;
  readonly nowMs: number;
}

/** The rules of the sale, as the service applies them. */
export function EventFacts({ event, nowMs }: EventFactsProps) {
  const { hold_seconds, max_quantity, max_extensions, sales_start_at, sales_end_at } = event;
  const period = formatDuration(hold_seconds * 1000);
  return (
    <section className="facts" aria-labelledby="facts-title">
      <h2 id="facts-title" className="facts__title">
        Good to know
      </h2>
      <dl className="facts__list">
        <Fact name="Kept for you">
          {period}, counted from the first tickets in your cart.{tellExtensions(max_extensions, period)}
        </Fact>
        <Fact name="Per person">
          {max_quantity === 1 ? "1 ticket" : `Up to ${formatTickets(max_quantity)}, reserved together`}
        </Fact>
        {sales_start_at !== null && Date.parse(sales_start_at) > nowMs ? (
          <Fact name="Sales start">{formatInstant(Date.parse(sales_start_at), nowMs)}</Fact>
        ) : null}
        {sales_end_at === null ? null : (
          <Fact name={Date.parse(sales_end_at) > nowMs ? "Sales end" : "Sales ended"}>
            {formatInstant(Date.parse(sales_end_at), nowMs)}
          </Fact>
        )}
        {event.requires_verified_phone ? (
          <Fact name="Who may buy">Customers with a verified phone, one reservation each</Fact>
        ) : null}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="facts__fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function tellExtensions(count: number, period: string): string {
  if (count === 0) return "";
  return ` You can ask for ${period} more, ${count === 1 ? "once" : `${count} times`}.`;
}
