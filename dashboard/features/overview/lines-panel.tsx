import type { Overview } from "../../../api/contract/dashboard.ts";
import { formatCount, formatMeasure } from "../../shared/format/numbers.ts";
import { Figure } from "../../shared/ui/figure.tsx";
import { InfoButton } from "../../shared/ui/info-button.tsx";

/** Figures of this moment that need no chart: what waits in line, and what was replaced. */
export function LinesPanel({ overview }: { readonly overview: Overview }) {
  const { queue_depth: queueDepth, workers, sales, database } = overview;
  const longest = database.longest_query_seconds;
  const facts = [
    { word: "Commands in line at the desks", text: formatCount(queueDepth) },
    { word: "Confirmations per second", text: formatMeasure(sales.confirms_per_second) },
    { word: "Longest query, s", text: formatMeasure(longest) },
    { word: "Workers replaced after a crash", text: formatCount(workers.restarts) },
  ];
  return (
    <section className="panel chart" aria-labelledby="lines-title">
      <header className="chart__header">
        <h2 id="lines-title" className="chart__title">
          Right now <span className="chart__unit">no history</span>
        </h2>
        <span className="chart__buttons">
          <InfoButton subject="Right now">
            Commands wait at a desk until the next transaction takes them all at once; a line that keeps
            growing means that the database cannot follow. Restarts count since the supervisor started.
          </InfoButton>
        </span>
      </header>
      <dl className="facts">
        {facts.map(({ word, text }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>
              <Figure text={text} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
