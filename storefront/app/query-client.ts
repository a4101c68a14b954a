import { QueryClient } from "@tanstack/react-query";

const keptMs = 10 * 60_000;

/** The client that asks has its own patience, so a question that has failed is not repeated at once. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The service may run on this very machine, which has no network when the browser says so.
      queries: { retry: false, networkMode: "always", gcTime: keptMs },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
