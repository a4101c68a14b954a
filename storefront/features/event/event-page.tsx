import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { codeOf } from "../../shared/api/explain-problem.ts";
import { EventArt } from "../../shared/art/event-art.tsx";
import { toServerMs } from "../../shared/clock/server-clock.ts";
import { FailedNotice } from "../../shared/ui/failed-notice.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { EventFacts } from "./event-facts.tsx";
import { eventQuery } from "../../shared/queries/event-query.ts";
import { ReservePanel, type ReservePanelProps } from "./reserve-panel.tsx";
import { useEventStock } from "./use-event-stock.ts";

/** One event: its stock as it changes, and the way to reserve. */
export function EventPage({ Verification }: Pick<ReservePanelProps, "Verification">) {
  const { id = "" } = useParams<{ id: string }>();
  const { data, error, dataUpdatedAt, refetch } = useQuery(eventQuery(id));
  if (data === undefined) {
    if (error === null) return <EventSkeleton />;
    return codeOf(error) === "event_not_found" ? (
      <NoSuchEvent />
    ) : (
      <Page title="Event">
        <FailedNotice error={error} hasOldData={false} onRetry={refetch} />
      </Page>
    );
  }
  return (
    <KnownEvent event={data} readAtMs={toServerMs(dataUpdatedAt)} Verification={Verification} key={data.id} />
  );
}

interface KnownEventProps extends Pick<ReservePanelProps, "event" | "Verification"> {
  readonly readAtMs: number;
}

function KnownEvent({ event, readAtMs, Verification }: KnownEventProps) {
  const sale = useEventStock(event, readAtMs);
  return (
    <Page title={event.name} className="event">
      <div className="event__art">
        <EventArt eventId={event.id} />
      </div>
      <div className="event__sale">
        <ReservePanel event={event} sale={sale} Verification={Verification} />
        <EventFacts event={event} nowMs={sale.nowMs} />
      </div>
    </Page>
  );
}

function NoSuchEvent() {
  return (
    <Page title="No such event" className="blank">
      <p>There is no event at this address. It may have been mistyped.</p>
      <Button component={Link} href="/" variant="default">
        See what's on
      </Button>
    </Page>
  );
}

function EventSkeleton() {
  return (
    <Page
      title="Event"
      heading={<Skeleton height="1.1em" width="min(70%, 420px)" animate={false} />}
      className="event"
    >
      <span className="visually-hidden" role="status">
        Loading the event
      </span>
      <div className="event__art" aria-hidden>
        <Skeleton height="100%" radius={0} animate={false} />
      </div>
      <div className="event__sale" aria-hidden>
        <Skeleton height={480} radius={20} animate={false} />
      </div>
    </Page>
  );
}
