import { QueryClient } from "@tanstack/react-query";

const keptMs = 10 * 60_000;

/** Polling is the way to try again, so a question that fails is not repeated at once. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        // The service may run on this very machine, which has no network when the browser says so.
        networkMode: "always",
        gcTime: keptMs,
        refetchOnReconnect: false,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
