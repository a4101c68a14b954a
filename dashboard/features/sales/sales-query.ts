import type { Sales } from "../../../api/contract/dashboard-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** How many events a page of sales holds. */
const salesPerPage = 20;

/** Events with their stock. @param startingAfter the last event of the page before; null for the first page */
export function salesQuery(search: string, startingAfter: string | null): PolledQuery<Sales> {
  const parameters = new URLSearchParams({ limit: String(salesPerPage) });
  if (startingAfter !== null) parameters.set("starting_after", startingAfter);
  if (search !== "") parameters.set("search", search);
  return {
    queryKey: ["sales", search, startingAfter],
    everyMs: 2_000,
    load: ({ signal }) => requestJson(`/ops/v1/sales?${parameters}`, { signal }),
    keepsPrevious: true,
  };
}
