import { Link } from "wouter";
import type { Overview } from "../../../api/contract/dashboard.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { Figure } from "../../shared/ui/figure.tsx";
import { ToneWord } from "../../shared/ui/tone-word.tsx";

/** How much background work has not ended well yet. */
export function JobsPanel({ jobs }: Pick<Overview, "jobs">) {
  const facts = [
    { word: "Waiting", count: jobs.waiting },
    { word: "Retrying", count: jobs.retrying },
    { word: "Failed", count: jobs.failed },
  ];
  return (
    <section className="panel" aria-labelledby="jobs-panel-title">
      <header className="chart__header">
        <h2 id="jobs-panel-title" className="chart__title">
          Jobs <span className="chart__unit">background work</span>
        </h2>
        <Link href="/jobs" className="panel__link">
          All jobs
        </Link>
      </header>
      <dl className="facts">
        {facts.map(({ word, count }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>
              {word === "Failed" && count > 0 ? <ToneWord tone="warning" word="Needs a look" /> : null}
              <Figure text={formatCount(count)} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
