import { useQuery } from "@tanstack/react-query";
import { toServerMs } from "../../shared/clock/server-clock.ts";
import { formatCount } from "../../shared/format/money.ts";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { Pager } from "../../shared/ui/pager.tsx";
import { EventGrid, EventGridSkeleton } from "./event-grid.tsx";
import { eventsPerPage, eventsQuery } from "./events-query.ts";
import { NoEvents } from "./no-events.tsx";
import { SearchField } from "./search-field.tsx";
import { useKnownEvents } from "./use-known-events.ts";
import { useCataloguePlace } from "./use-catalogue-place.ts";

/** All events, page by page, with a search by name. */
export function CataloguePage() {
  const { place, moveTo } = useCataloguePlace();
  const { data, error, isPlaceholderData, refetch } = useQuery(eventsQuery(place));
  useKnownEvents(data?.data, data?.readAtMs ?? 0);
  const [first, last] = [data?.data[0], data?.data.at(-1)];
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / eventsPerPage));
  // The list pages in the direction that was asked for, and tells of that one whether there is more.
  const hasMore = data?.has_more === true;
  // While another page is on its way, the one that is still shown does not know its neighbours.
  const hasNext = !isPlaceholderData && (place.before === "" ? hasMore : true);
  const hasPrevious = !isPlaceholderData && (place.before === "" ? place.after !== "" : hasMore);
  return (
    <Page title="What's on" className="catalogue">
      <p className="catalogue__promise">
        Reserve your tickets first, then pay in peace: they are kept for you while the clock runs.
      </p>
      <SearchField search={place.search} onSearch={(search) => moveTo({ search }, true)} />
      <p className="catalogue__count" role="status">
        {data === undefined ? "" : tellCount(data.total, place.search)}
      </p>
      {error === null ? null : (
        <FailedNotice error={error} hasOldData={data !== undefined} onRetry={refetch} />
      )}
      {data === undefined ? (
        error === null && <EventGridSkeleton />
      ) : data.data.length === 0 ? (
        <NoEvents search={place.search} onClear={() => moveTo({ search: "" })} />
      ) : (
        <>
          <EventGrid events={data.data} readAtMs={toServerMs(data.readAtMs)} isOld={isPlaceholderData} />
          <Pager
            page={Math.min(place.page, pages)}
            pages={pages}
            onPrevious={
              hasPrevious
                ? () => moveTo({ before: first?.id ?? "", page: Math.max(1, place.page - 1) })
                : null
            }
            onNext={hasNext ? () => moveTo({ after: last?.id ?? "", page: place.page + 1 }) : null}
          />
        </>
      )}
    </Page>
  );
}

function tellCount(total: number, search: string): string {
  const events = total === 1 ? "1 event" : `${formatCount(total)} events`;
  return search === "" ? events : `${events} for "${search}"`;
}
