import { memo } from "react";
import { Link } from "wouter";
import type { ErrorEntry } from "../../../api/contract/dashboard.ts";
import { describeSource } from "../../shared/errors/error-source.ts";
import { LevelTag } from "../../shared/errors/level-tag.tsx";
import { CopyButton } from "../../shared/ui/copy-button.tsx";
import { Instant } from "../../shared/ui/instant.tsx";

interface ErrorCardProps {
  readonly entry: ErrorEntry;
  /** Whether it is the one that the address names. */
  readonly isLinked: boolean;
}

/** One entry with all that is known of it. The stack is folded. */
export const ErrorCard = memo(function ErrorCard({ entry, isLinked }: ErrorCardProps) {
  const facts = factsOf(entry);
  return (
    <li className={`panel error-card${isLinked ? " error-card--linked" : ""}`}>
      <div className="error-card__head">
        <Instant at={entry.at} />
        <LevelTag level={entry.level} />
        <p className="error-card__message">{entry.message}</p>
        <Link href={`/errors?entry=${entry.id}`} className="error-card__link" title="A link to this entry">
          #{entry.id}
        </Link>
      </div>
      <dl className="error-card__facts">
        <div>
          <dt>From</dt>
          <dd>
            {describeSource(entry)} on {entry.node}
          </dd>
        </div>
        {facts.map(({ word, text }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd className="code">{text}</dd>
          </div>
        ))}
        {entry.request_id === null ? null : (
          <div>
            <dt>Request</dt>
            <dd className="code">
              {entry.request_id}
              <CopyButton text={entry.request_id} what="request id" />
            </dd>
          </div>
        )}
      </dl>
      {entry.stack === null ? null : (
        <details className="error-card__stack" open={isLinked}>
          <summary>Stack</summary>
          <pre tabIndex={0} aria-label={`Stack of entry ${entry.id}`}>
            {entry.stack}
          </pre>
        </details>
      )}
    </li>
  );
});

function factsOf({ error_type: type, sqlstate, route, status }: ErrorEntry) {
  const all = [
    { word: "Type", text: type },
    { word: "SQLSTATE", text: sqlstate },
    { word: "Route", text: route },
    { word: "Status", text: status === null ? null : String(status) },
  ];
  return all.flatMap(({ word, text }) => (text === null ? [] : [{ word, text }]));
}
