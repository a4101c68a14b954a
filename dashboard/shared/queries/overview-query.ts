import type { Overview } from "../../../api/contract/dashboard.ts";
import { requestJson } from "../api/request.ts";
import type { PolledQuery } from "../polling/use-polled.ts";

/** How this machine is doing now. Every page asks, and the connection is judged by its answers. */
export const overviewQuery: PolledQuery<Overview> = {
  queryKey: ["overview"],
  everyMs: 1_000,
  load: ({ signal }) => requestJson("/ops/v1/overview", { signal }),
};
