import type { ReactNode } from "react";
import { formatExactDuration } from "../../shared/format/times.ts";
import { useNow } from "../../shared/polling/use-now.ts";
import { Instant } from "../../shared/ui/instant.tsx";

/** One thing that happened, or a deadline that is still to come (`open`). */
export interface HistoryStep {
  readonly at: string;
  readonly tone: "neutral" | "good" | "warning" | "critical" | "open";
  readonly text: string;
}

interface HistoryCardProps {
  readonly title: string;
  readonly tags: ReactNode;
  readonly id: string;
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
  /** In any order; those that are null have not happened. */
  readonly steps: readonly (HistoryStep | null)[];
}

/** One history from top to bottom. */
export function HistoryCard({ title, tags, id, facts, steps }: HistoryCardProps) {
  const happened = steps
    .filter((step) => step !== null)
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const nowMs = useNow(happened.some(({ tone }) => tone === "open"));
  return (
    <li className="panel">
      <div className="history__head">
        <h3 className="history__title">{title}</h3>
        {tags}
        <span className="code muted">{id}</span>
      </div>
      <dl className="history__facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ol className="steps" aria-label="Steps, oldest first">
        {happened.map(({ at, tone, text }, index) => {
          const before = happened[index - 1]?.at;
          const gapMs = Date.parse(at) - (tone === "open" ? nowMs : Date.parse(before ?? at));
          return (
            <li key={at + text} className={`steps__step steps__step--${tone}`}>
              <Instant at={at} />
              <span>{text}</span>
              {before === undefined || gapMs <= 0 ? null : (
                <span className="steps__later">
                  {tone === "open"
                    ? `in ${formatExactDuration(gapMs)}`
                    : `${formatExactDuration(gapMs)} later`}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </li>
  );
}
