import { IconHandStop, IconTicketOff } from "@tabler/icons-react";
import type { Restocks } from "../../../api/contract/job-lists.ts";
import { countOf, formatCount } from "../../shared/format/numbers.ts";
import { Message } from "../../shared/states/message.tsx";
import { Tag } from "../../shared/ui/tag.tsx";
import { HistoryCard, type HistoryStep } from "./history-card.tsx";
import { HistoryTags } from "./history-tags.tsx";

type Order = Restocks["data"][number];

/** An event's rule for restocking, and what became of each order. */
export function RestockHistories({ restocks: { event, data } }: { readonly restocks: Restocks }) {
  if (event === null) {
    return <Message icon={IconTicketOff} tone="neutral" title="There is no event with this id" />;
  }
  const { rule } = event;
  return (
    <section aria-labelledby={event.id}>
      <div className="history__head">
        <h2 id={event.id} className="history__group">
          {event.name}
        </h2>
        {event.is_held_back ? (
          <Tag
            icon={IconHandStop}
            tone="warning"
            word="Held back"
            title="An order came to nothing: the next one waits until the stock has recovered or the rule is changed"
          />
        ) : null}
      </div>
      <p className="muted">
        {rule === null
          ? "It has no rule for restocking."
          : `Orders ${countOf(rule.quantity, "ticket")} from ${rule.supplier} when fewer than ${formatCount(rule.threshold)} are free.`}
      </p>
      {data.length === 0 ? (
        <Message icon={IconTicketOff} tone="neutral" title="Nothing was ordered yet" />
      ) : (
        <ol className="histories" aria-label="Restock orders, newest first">
          {data.map((order) => (
            <HistoryCard
              key={order.id}
              title={`${countOf(order.quantity, "ticket")} from ${order.supplier}`}
              tags={<HistoryTags status={order.status} jobState={order.job_state} />}
              id={order.id}
              facts={[
                ["Attempts", formatCount(order.attempts)],
                ["Reference", order.supplier_reference ?? "None"],
                ["Last error", order.last_error ?? "None"],
              ]}
              steps={stepsOf(order)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function stepsOf(order: Order): (HistoryStep | null)[] {
  const step = (at: string | null, tone: HistoryStep["tone"], text: string) =>
    at === null ? null : { at, tone, text };
  return [
    step(order.created_at, "neutral", "The stock ran low: an order was opened."),
    step(order.placed_at, "neutral", "The supplier took the order."),
    step(order.delivered_at, "good", "The tickets were delivered."),
    order.status === "cancelled"
      ? step(order.closed_at, "neutral", "The order was cancelled.")
      : step(order.closed_at, "critical", "The order was given up."),
  ];
}
