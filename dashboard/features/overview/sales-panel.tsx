import { IconCheck } from "@tabler/icons-react";
import { Link } from "wouter";
import type { Overview } from "../../../api/contract/dashboard.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { type Tone, toneOfAlerts } from "../../shared/thresholds.ts";
import { Figure } from "../../shared/ui/figure.tsx";
import { InfoButton } from "../../shared/ui/info-button.tsx";
import { StockBar } from "../../shared/ui/stock-bar.tsx";
import { ToneWord } from "../../shared/ui/tone-word.tsx";
import { CreateEventHint } from "../../shared/states/create-event-hint.tsx";

/** All tickets of all events in one look; first of all whether any was sold that does not exist. */
export function SalesPanel({ overview }: { readonly overview: Overview }) {
  const { sales, oversold, holds_overdue: overdue, firing } = overview;
  const sweeper = toneOfAlerts(firing, ["HoldSweeperStalled"]);
  return (
    <section className="panel sales-panel" aria-labelledby="sales-panel-title">
      <header className="chart__header">
        <h2 id="sales-panel-title" className="chart__title">
          Sales <span className="chart__unit">tickets of all events</span>
        </h2>
        <Link href="/sales" className="panel__link">
          All sales
        </Link>
        <span className="chart__buttons">
          <InfoButton subject="Sales">
            Oversold counts tickets that were given to more people than there are tickets; it must be 0,
            always. Overdue are holds past their deadline whose tickets are not free again yet: more than a
            few for longer than a second means that the sweeper is stuck.
          </InfoButton>
        </span>
      </header>
      <dl className="sales-panel__facts">
        <Fact
          word="Oversold"
          text={formatCount(oversold)}
          tone={(oversold ?? 0) > 0 ? "critical" : "calm"}
          isProud
        />
        <Fact word="Overdue holds" text={formatCount(overdue)} tone={sweeper} toneWord="Sweeper stalled" />
        <Fact
          word="Events on sale"
          text={formatCount(sales.events_on_sale)}
          addition={sales.events === null ? "" : `of ${formatCount(sales.events)}`}
        />
      </dl>
      <Stock overview={overview} />
    </section>
  );
}

function Stock({ overview }: { readonly overview: Overview }) {
  const { events, sold, held, free } = overview.sales;
  if (events === 0) return <CreateEventHint />;
  if (sold === null || held === null || free === null) {
    return (
      <p className="muted">
        {overview.database.up
          ? "The stock has not been read yet."
          : "The database does not answer, so the stock is not known. What was sold stays sold."}
      </p>
    );
  }
  return <StockBar sold={sold} held={held} free={free} />;
}

interface FactProps {
  readonly word: string;
  readonly text: string;
  readonly tone?: Tone;
  readonly toneWord?: string;
  readonly addition?: string;
  /** Whether a calm zero is worth a tick. */
  readonly isProud?: boolean;
}

function Fact({
  word,
  text,
  tone = "calm",
  toneWord = "Must be 0",
  addition = "",
  isProud = false,
}: FactProps) {
  return (
    <div>
      <dt>{word}</dt>
      <dd className={`tone-text--${tone}`}>
        <Figure text={text} />
        {isProud && text === "0" ? (
          <IconCheck className="sales-panel__tick" size={18} stroke={2.4} aria-hidden />
        ) : null}
        {addition === "" ? null : <span className="sales-panel__addition"> {addition}</span>}
        <ToneWord tone={tone} word={toneWord} />
      </dd>
    </div>
  );
}
