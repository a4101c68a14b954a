import type { Workers } from "../../../api/contract/dashboard-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** This machine's workers. */
export const workersQuery: PolledQuery<Workers> = {
  queryKey: ["workers"],
  everyMs: 2_000,
  load: ({ signal }) => requestJson("/ops/v1/workers", { signal }),
};
