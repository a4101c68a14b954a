import { Skeleton } from "@mantine/core";
import type { EventReply } from "@holdfast/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useServerNow } from "../../shared/clock/use-server-now.ts";
import { LivenessLine } from "../../shared/stock/liveness-line.tsx";
import { ageOf } from "../../shared/stock/age-of.ts";
import { newestStock } from "../../shared/stock/stock.ts";
import { useLiveStock } from "../../shared/stock/use-live-stock.ts";
import { EventCard } from "./event-card.tsx";
import { eventsPerPage } from "./events-query.ts";

const withoutStreamMs = 15_000;

interface EventGridProps {
  readonly events: readonly EventReply[];
  /** When they were read, by the server's clock. */
  readonly readAtMs: number;
  /** Whether another page is on its way. */
  readonly isOld: boolean;
}

/** The events of a page, with their stock as it changes. */
export function EventGrid({ events, readAtMs, isOld }: EventGridProps) {
  const { liveness, told } = useLiveStock(events.map(({ id }) => id));
  const nowMs = useServerNow();
  useReadingWithoutStream(liveness.kind !== "live");
  const asOfMs = ageOf(liveness, readAtMs, nowMs);
  return (
    <>
      <LivenessLine liveness={liveness} nowMs={nowMs} />
      <ul className="grid" aria-busy={isOld} data-is-old={isOld}>
        {events.map((event) => (
          <EventCard
            key={event.id}
            event={event}
            stock={newestStock(event, told.get(event.id))}
            asOfMs={asOfMs}
            nowMs={nowMs}
          />
        ))}
      </ul>
    </>
  );
}

/** Some networks let no stream through; then the page is read from time to time. */
function useReadingWithoutStream(isWithoutStream: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isWithoutStream) return undefined;
    const read = () => {
      if (!document.hidden) void client.invalidateQueries({ queryKey: ["events"] });
    };
    const timer = setInterval(read, withoutStreamMs);
    return () => clearInterval(timer);
  }, [client, isWithoutStream]);
}

/** As large as the cards that it stands for, so that nothing jumps when they come. */
export function EventGridSkeleton() {
  return (
    <div aria-busy="true">
      <p className="liveness" role="status">
        Loading events
      </p>
      <div className="grid" aria-hidden>
        {Array.from({ length: eventsPerPage }, (_each, index) => (
          <div className="card" key={index}>
            <div className="card__art">
              <Skeleton height="100%" radius={0} animate={false} />
            </div>
            <div className="card__text">
              <Skeleton height={22} width="80%" animate={false} />
              <Skeleton height={18} width="30%" mt={10} animate={false} />
              <Skeleton height={18} width="50%" mt={10} animate={false} />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
