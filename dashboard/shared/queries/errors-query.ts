import type { Errors } from "../../../api/contract/dashboard.ts";
import { requestJson } from "../api/request.ts";
import { type ErrorFeed, mergeErrors } from "../errors/merge-errors.ts";
import type { PolledQuery } from "../polling/use-polled.ts";

/** The error feed: each round asks only for what came since the one before. */
export const errorsQuery: PolledQuery<ErrorFeed> = {
  queryKey: ["errors"],
  everyMs: 2_000,
  load: async ({ signal, previous, hasFailed }) => {
    // A server that was away may have been restarted, and may count anew.
    const known = hasFailed ? undefined : previous;
    const reply = await requestJson<Errors>(`/ops/v1/errors?after=${known?.lastId ?? 0}`, { signal });
    return mergeErrors(known, reply);
  },
  isSame: (old, latest) => old === latest,
};
