import type { Nodes } from "../../../api/contract/dashboard-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** Every machine that shares the database. */
export const nodesQuery: PolledQuery<Nodes> = {
  queryKey: ["nodes"],
  everyMs: 3_000,
  load: ({ signal }) => requestJson("/ops/v1/nodes", { signal }),
};
