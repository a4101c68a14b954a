import { IconSearch, IconTicketOff } from "@tabler/icons-react";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { useSearchParams } from "wouter";
import { ReservationCard } from "./reservation-card.tsx";
import { type ReservationSearch, reservationsQuery } from "./reservations-query.ts";
import { SearchForm } from "./search-form.tsx";

const skeletonPx = 260;

/** What became of one reservation, or of all that a user made. */
export default function ReservationsPage() {
  const [parameters, setParameters] = useSearchParams();
  const search = parseSearch(parameters);
  const open = (next: ReservationSearch) =>
    setParameters(next.by === "id" ? { id: next.id } : { user_id: next.userId });
  return (
    <Page title="Reservations" summary="Every step of a reservation, by its id or by its user">
      <div className="stack">
        <SearchForm key={parameters.toString()} search={search} onSearch={open} />
        {search === null ? (
          <Message icon={IconSearch} tone="neutral" title="Look for a reservation">
            Its id is in every answer about it and in the log. A user is whoever the shop named when it
            reserved.
          </Message>
        ) : (
          <Found search={search} />
        )}
      </div>
    </Page>
  );
}

function Found({ search }: { readonly search: ReservationSearch }) {
  const question = reservationsQuery(search);
  const query = usePolled(question);
  return (
    <Loaded query={query} everyMs={question.everyMs} what="Reservations" skeletonPx={skeletonPx}>
      {({ data, is_complete: isComplete }) => (
        <>
          {data.length === 0 ? (
            <Message
              icon={IconTicketOff}
              tone="neutral"
              title={
                search.by === "id" ? "There is no reservation with this id" : "This user has no reservations"
              }
            >
              {isComplete
                ? "Records of ended reservations are deleted after a while."
                : "Not all could be searched."}
            </Message>
          ) : (
            <ol className="reservations" aria-label="Reservations, newest first">
              {data.map((reservation) => (
                <ReservationCard
                  key={reservation.id}
                  reservation={reservation}
                  isOnlyOne={search.by === "id"}
                />
              ))}
            </ol>
          )}
          {isComplete || data.length === 0 ? null : (
            <p className="muted">
              There were too many ended reservations to search them all. Active ones are always found.
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

function parseSearch(parameters: URLSearchParams): ReservationSearch | null {
  const id = parameters.get("id");
  if (id !== null && id !== "") return { by: "id", id };
  const userId = parameters.get("user_id");
  return userId === null || userId === "" ? null : { by: "user", userId };
}
