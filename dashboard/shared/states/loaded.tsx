import { Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { explain, isUnauthorized, isWithoutAnswer } from "../api/request.ts";
import { formatAge } from "../format/times.ts";
import { oldAfterMs } from "../polling/freshness.ts";
import { usePolling } from "../polling/polling-context.tsx";
import { useNow } from "../polling/use-now.ts";
import { Message } from "./message.tsx";

interface LoadedProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly everyMs: number;
  /** What is loaded, such as "The workers"; starts a sentence in the plural or with "The". */
  readonly what: string;
  /** How high the skeleton is. */
  readonly skeletonPx: number;
  readonly children: (data: Data) => ReactNode;
}

/** What a question brought: a skeleton once, and from then on the last answer, greyed while no newer one comes. */
export function Loaded<Data>({ query, everyMs, what, skeletonPx, children }: LoadedProps<Data>) {
  const { data, error } = query;
  if (data === undefined) {
    if (error === null) return <LoadingSkeleton what={what} heightPx={skeletonPx} />;
    return (
      <Message icon={IconAlertTriangle} tone="warning" title={`${what}: not known`}>
        {explain(error)} It is asked again all the time.
      </Message>
    );
  }
  return (
    <Aged query={query} everyMs={everyMs} what={what}>
      {children(data)}
    </Aged>
  );
}

function LoadingSkeleton({ what, heightPx }: { readonly what: string; readonly heightPx: number }) {
  return (
    <div aria-busy="true">
      <span className="visually-hidden">{what}: loading</span>
      <Skeleton height={heightPx} radius="sm" animate={false} />
    </div>
  );
}

interface AgedProps {
  readonly query: UseQueryResult<unknown>;
  readonly everyMs: number;
  readonly what: string;
  readonly children: ReactNode;
}

function Aged({ query, everyMs, what, children }: AgedProps) {
  const { isPaused } = usePolling();
  const nowMs = useNow(!isPaused);
  const { dataUpdatedAt, error } = query;
  const hasFailed = error !== null && !isUnauthorized(error);
  const ageMs = nowMs - dataUpdatedAt;
  const isOld = hasFailed || (!isPaused && ageMs > oldAfterMs(everyMs));
  return (
    <div className="aged" data-is-old={isOld}>
      {hasFailed && !isWithoutAnswer(error) ? (
        <p className="aged__note">
          <IconAlertTriangle size={14} aria-hidden /> {what}: {explain(error)} Shown is what was known{" "}
          {formatAge(ageMs)}.
        </p>
      ) : null}
      {children}
    </div>
  );
}
