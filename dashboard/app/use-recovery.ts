import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

/** Asks everything that failed again as soon as the connection is back, instead of each question at its own pace. */
export function useRecovery(isFailing: boolean): void {
  const client = useQueryClient();
  const wasFailing = useRef(false);
  useEffect(() => {
    if (wasFailing.current && !isFailing) {
      void client.refetchQueries({ type: "active", predicate: ({ state }) => state.error !== null });
    }
    wasFailing.current = isFailing;
  }, [client, isFailing]);
}
