import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { anonymous } from "../../shared/api/clients.ts";
import { askAgainAfter } from "../../shared/queries/ask-again.ts";

export const eventsPerPage = 24;
const oldAfterMs = 15_000;

/** Which part of the catalogue is looked at. */
export interface CataloguePlace {
  readonly search: string;
  /** The page after this event, or before that one; "" for none. */
  readonly after: string;
  readonly before: string;
  /** The number of the page, from 1. */
  readonly page: number;
}

/** Asks for one page of the catalogue. The page before stays until the next one has come. */
export function eventsQuery({ search, after, before }: CataloguePlace) {
  return queryOptions({
    queryKey: ["events", search, after, before],
    queryFn: async ({ signal }) => {
      const list = await anonymous.listEvents(
        {
          limit: eventsPerPage,
          search: search === "" ? undefined : search,
          starting_after: after === "" ? undefined : after,
          ending_before: before === "" ? undefined : before,
        },
        { signal },
      );
      // A page that stays while the next one is read keeps its age.
      return { ...list, readAtMs: Date.now() };
    },
    placeholderData: keepPreviousData,
    staleTime: oldAfterMs,
    refetchInterval: askAgainAfter,
  });
}
