import { Button } from "@mantine/core";
import { IconCircleCheck, IconFilterOff } from "@tabler/icons-react";
import { useState } from "react";
import { countOf } from "../../shared/format/numbers.ts";
import { type ErrorFeed, filterErrors } from "../../shared/errors/merge-errors.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { errorsQuery } from "../../shared/queries/errors-query.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { useUrlParameter } from "../../shared/url-parameter.ts";
import { EntryFilter, useEntryFilter } from "./entry-filter.tsx";
import { ErrorCard } from "./error-card.tsx";

const skeletonPx = 420;
const shownAtOnce = 100;

/** What went wrong on this machine, newest first. */
export default function ErrorsPage() {
  const query = usePolled(errorsQuery);
  return (
    <Page title="Errors" summary="Of this machine, newest first">
      <Loaded query={query} everyMs={errorsQuery.everyMs} what="Errors" skeletonPx={skeletonPx}>
        {(feed) => <Feed feed={feed} />}
      </Loaded>
    </Page>
  );
}

function Feed({ feed }: { readonly feed: ErrorFeed }) {
  const filter = useEntryFilter();
  const [linkedText] = useUrlParameter("entry");
  const [shownMax, setShownMax] = useState(shownAtOnce);
  const linked = feed.entries.find(({ id }) => String(id) === linkedText);
  const found = filterErrors(feed.entries, filter.values).filter((entry) => entry !== linked);
  return (
    <div className="stack">
      <EntryFilter feed={feed} filter={filter} />
      {linkedText === "" ? null : linked === undefined ? (
        <Message icon={IconFilterOff} tone="neutral" title={`Entry ${linkedText} is no longer kept`} />
      ) : (
        <ul aria-label="The entry of this link">
          <ErrorCard entry={linked} isLinked />
        </ul>
      )}
      <div role="log" aria-label="Errors, newest first">
        <ol className="errors">
          {found.slice(0, shownMax).map((entry) => (
            <ErrorCard key={entry.id} entry={entry} isLinked={false} />
          ))}
        </ol>
      </div>
      {found.length === 0 ? (
        <NothingFound isFiltered={filter.isSet} hasLinked={linked !== undefined} />
      ) : null}
      {found.length > shownMax ? (
        <Button variant="default" onClick={() => setShownMax(shownMax + shownAtOnce)}>
          Show {Math.min(shownAtOnce, found.length - shownMax)} more of {found.length}
        </Button>
      ) : null}
      {feed.dropped > 0 ? (
        <p className="muted">
          {countOf(feed.dropped, "older entry", "older entries")} are no longer kept; see the log.
        </p>
      ) : null}
    </div>
  );
}

function NothingFound({
  isFiltered,
  hasLinked,
}: {
  readonly isFiltered: boolean;
  readonly hasLinked: boolean;
}) {
  if (isFiltered) return <Message icon={IconFilterOff} tone="neutral" title="No entry matches the filter" />;
  if (hasLinked) return null;
  return (
    <Message icon={IconCircleCheck} tone="good" title="No errors">
      Nothing has gone wrong since this node keeps errors. Refusals such as sold out are not errors.
    </Message>
  );
}
