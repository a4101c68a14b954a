import type { PageRequest } from "../kernel/page.ts";

/** The page that a list's query asks for. */
export function pageRequestOf(query: {
  limit: number;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}): PageRequest {
  return {
    limit: query.limit,
    startingAfter: query.starting_after ?? null,
    endingBefore: query.ending_before ?? null,
  };
}
