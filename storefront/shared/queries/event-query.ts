import { queryOptions } from "@tanstack/react-query";
import { askAgainAfter } from "./ask-again.ts";
import { anonymous } from "../api/clients.ts";

const oldAfterMs = 15_000;

/** Asks for an event. */
export function eventQuery(eventId: string) {
  return queryOptions({
    queryKey: ["event", eventId],
    queryFn: ({ signal }) => anonymous.findEvent(eventId, { signal }),
    staleTime: oldAfterMs,
    refetchInterval: askAgainAfter,
  });
}
