import type { Jobs } from "../../../api/contract/job-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** The background work, and what of it has not ended well. */
export const jobsQuery: PolledQuery<Jobs> = {
  queryKey: ["jobs"],
  everyMs: 2_000,
  load: ({ signal }) => requestJson("/ops/v1/jobs", { signal }),
};
