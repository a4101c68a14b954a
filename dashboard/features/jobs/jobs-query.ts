import type { Jobs } from "../../../api/contract/job-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** The background work, and the single jobs of a state and a queue; empty words stand for all. */
export function jobsQuery(state: string, queue: string): PolledQuery<Jobs> {
  const parameters = new URLSearchParams({
    ...(state === "" ? {} : { state }),
    ...(queue === "" ? {} : { queue }),
  });
  return {
    queryKey: ["jobs", state, queue],
    everyMs: 2_000,
    load: ({ signal }) => requestJson(`/ops/v1/jobs?${parameters}`, { signal }),
    keepsPrevious: true,
  };
}
