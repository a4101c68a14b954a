import type { Timeline } from "../../../api/contract/dashboard-lists.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";

/** Whose reservations are sought: one by its id, or all of a user. */
export type ReservationSearch =
  | { readonly by: "id"; readonly id: string }
  | { readonly by: "user"; readonly userId: string };

/** Reservations with every step that they took. */
export function reservationsQuery(search: ReservationSearch): PolledQuery<Timeline> {
  const parameters = new URLSearchParams(search.by === "id" ? { id: search.id } : { user_id: search.userId });
  return {
    queryKey: ["reservations", parameters.toString()],
    everyMs: 5_000,
    load: ({ signal }) => requestJson(`/ops/v1/reservations?${parameters}`, { signal }),
  };
}
