import type { EventReply } from "@holdfast/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { eventQuery } from "../../shared/queries/event-query.ts";

/** What the catalogue has read need not be waited for on the pages of its events. @param readAtMs by our own clock */
export function useKnownEvents(events: readonly EventReply[] | undefined, readAtMs: number): void {
  const client = useQueryClient();
  useEffect(() => {
    for (const event of events ?? []) {
      const { queryKey } = eventQuery(event.id);
      const known = client.getQueryState(queryKey);
      if ((known?.dataUpdatedAt ?? 0) < readAtMs)
        client.setQueryData(queryKey, event, { updatedAt: readAtMs });
    }
  }, [client, events, readAtMs]);
}
