import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { isUnauthorized } from "../api/request.ts";
import { usePolling } from "./polling-context.tsx";

/** What a question may go by. */
interface Asking<Data> {
  readonly signal: AbortSignal;
  /** What the same question brought last, if anything. */
  readonly previous: Data | undefined;
  /** Whether it failed the last time, so that the server may have been restarted since. */
  readonly hasFailed: boolean;
}

/** A question that is asked again and again. */
export interface PolledQuery<Data> {
  readonly queryKey: readonly unknown[];
  readonly everyMs: number;
  readonly load: (asking: Asking<Data>) => Promise<Data>;
  /** Whether two answers show the same, so that nothing need be drawn again. Members are compared without it. */
  readonly isSame?: (old: Data, latest: Data) => boolean;
  /** Whether the answer to the question before is shown until this one has one. */
  readonly keepsPrevious?: boolean;
}

/**
 * Asks while the tab is visible, nobody paused, and no key is missing. One component for each question: every other
 * one follows with `useLatest`, since each that asks has a clock of its own.
 */
export function usePolled<Data>(query: PolledQuery<Data>): UseQueryResult<Data> {
  const { isPaused } = usePolling();
  const { queryKey, everyMs, load, isSame } = query;
  return useQuery({
    queryKey,
    queryFn: ({ signal, client }) => {
      const state = client.getQueryState<Data>(queryKey);
      return load({ signal, previous: state?.data, hasFailed: (state?.error ?? null) !== null });
    },
    refetchInterval: ({ state }) => (isPaused || isUnauthorized(state.error) ? false : everyMs),
    refetchOnMount: !isPaused,
    refetchOnWindowFocus: !isPaused,
    ...(isSame === undefined ? {} : { structuralSharing: shareIf(isSame) }),
    ...(query.keepsPrevious === true ? { placeholderData: keepPreviousData } : {}),
  }) as UseQueryResult<Data>;
}

/** Follows what a question brings that another component asks. */
export function useLatest<Data>({ queryKey, load }: PolledQuery<Data>): UseQueryResult<Data> {
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => load({ signal, previous: undefined, hasFailed: false }),
    enabled: false,
  });
}

function shareIf<Data>(isSame: (old: Data, latest: Data) => boolean) {
  return (old: unknown, latest: unknown) =>
    old !== undefined && isSame(old as Data, latest as Data) ? old : latest;
}
