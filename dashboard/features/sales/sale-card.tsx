import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import type { SaleEntry } from "../../../api/contract/dashboard-lists.ts";
import { formatCount, formatMeasure, formatPrice } from "../../shared/format/numbers.ts";
import { CopyButton } from "../../shared/ui/copy-button.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { StockBar } from "../../shared/ui/stock-bar.tsx";
import { ToneWord } from "../../shared/ui/tone-word.tsx";
import { SaleStatus } from "./sale-status.tsx";

interface SaleCardProps {
  readonly sale: SaleEntry;
  readonly onChange: (sale: SaleEntry) => void;
}

/** One event: how it sells, what is left, and the switch that stops it. */
export function SaleCard({ sale, onChange }: SaleCardProps) {
  const isPaused = sale.status === "paused";
  const titleId = `sale-${sale.id}`;
  return (
    <li className="panel sale" aria-labelledby={titleId}>
      <div className="sale__head">
        <h2 id={titleId} className="sale__name">
          {sale.name}
        </h2>
        <SaleStatus status={sale.status} />
        <span className="sale__id">
          <span className="code">{sale.id}</span>
          <CopyButton text={sale.id} what="event id" />
        </span>
        <Button
          className="sale__switch"
          size="xs"
          variant="default"
          disabled={sale.status === "ended"}
          leftSection={
            isPaused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />
          }
          onClick={() => onChange(sale)}
          aria-label={`${isPaused ? "Resume" : "Pause"} ${sale.name}`}
        >
          {isPaused ? "Resume" : "Pause"}
        </Button>
      </div>
      {sale.paused_reason === null ? null : (
        <p className="sale__reason">
          Buyers are told: <q>{sale.paused_reason}</q>
        </p>
      )}
      <div className="sale__body">
        <StockBar sold={sale.sold} held={sale.held} free={sale.available} />
        <SaleFacts sale={sale} />
      </div>
    </li>
  );
}

function SaleFacts({ sale }: { readonly sale: SaleEntry }) {
  return (
    <dl className="sale__facts">
      <div>
        <dt>Holds/s</dt>
        <dd title="On this machine; counted for the busiest events">
          <Figure text={formatMeasure(sale.holds_per_second)} />
        </dd>
      </div>
      <div>
        <dt>Oversold</dt>
        <dd>
          <Figure text={formatCount(sale.oversold)} />
          <ToneWord tone={sale.oversold > 0 ? "critical" : "calm"} word="Must be 0" />
        </dd>
      </div>
      <div>
        <dt>Overdue holds</dt>
        <dd>
          <Figure text={formatCount(sale.holds_overdue)} />
        </dd>
      </div>
      <div>
        <dt>Next hold ends</dt>
        <dd>{sale.next_expiry_at === null ? "No holds" : <Instant at={sale.next_expiry_at} />}</dd>
      </div>
      <div>
        <dt>Price</dt>
        <dd>{formatPrice(sale.price_cents, sale.currency)}</dd>
      </div>
      <div>
        <dt>On sale</dt>
        <dd className="sale__times">
          <SaleTimes sale={sale} />
        </dd>
      </div>
    </dl>
  );
}

function SaleTimes({ sale }: { readonly sale: SaleEntry }) {
  const { sales_start_at: start, sales_end_at: end } = sale;
  if (start === null && end === null) return <span>At any time</span>;
  return (
    <>
      {start === null ? null : (
        <span>
          From <Instant at={start} />
        </span>
      )}
      {end === null ? null : (
        <span>
          Until <Instant at={end} />
        </span>
      )}
    </>
  );
}
