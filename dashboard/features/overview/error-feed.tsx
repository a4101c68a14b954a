import { Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "wouter";
import { explain } from "../../shared/api/request.ts";
import { describeSource } from "../../shared/errors/error-source.ts";
import { LevelTag } from "../../shared/errors/level-tag.tsx";
import { groupRepeats, type RepeatedError } from "../../shared/errors/merge-errors.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { errorsQuery } from "../../shared/queries/errors-query.ts";
import { Instant } from "../../shared/ui/instant.tsx";

const linesMax = 8;

/** The newest errors, newest first; repeats are counted. */
export function ErrorFeed() {
  const { data, error } = usePolled(errorsQuery);
  const groups = data === undefined ? [] : groupRepeats(data.entries, linesMax);
  return (
    <section className="panel error-feed" aria-labelledby="error-feed-title">
      <header className="chart__header">
        <h2 id="error-feed-title" className="chart__title">
          Errors <span className="chart__unit">newest first</span>
        </h2>
        <Link href="/errors" className="panel__link">
          All errors
        </Link>
      </header>
      <div role="log" aria-labelledby="error-feed-title">
        <ol className="error-feed__lines">
          {groups.map((group) => (
            <ErrorLine key={group.latest.id} group={group} />
          ))}
        </ol>
      </div>
      {data === undefined && error === null ? <Skeleton height={160} animate={false} /> : null}
      {data === undefined && error !== null ? <p className="muted">Not known: {explain(error)}</p> : null}
      {data !== undefined && groups.length === 0 ? (
        <p className="error-feed__none">
          <IconCircleCheck size={18} aria-hidden /> No errors since this node keeps them.
        </p>
      ) : null}
    </section>
  );
}

function ErrorLine({ group }: { readonly group: RepeatedError }) {
  const { latest, times } = group;
  return (
    <li className="error-feed__line">
      <Instant at={latest.at} />
      <LevelTag level={latest.level} />
      <Link href={`/errors?entry=${latest.id}`} className="error-feed__message">
        {latest.message}
      </Link>
      <span className="error-feed__source">
        {times > 1 ? <span className="tag">{times} times</span> : null} {describeSource(latest)}
      </span>
    </li>
  );
}
