import { requestJson } from "../../shared/api/request.ts";

/** Stops an event's sale. Buyers who are refused are told the reason. */
export function pauseSale(eventId: string, reason: string): Promise<unknown> {
  return requestJson(`/ops/v1/sales/${eventId}/pause`, { method: "POST", body: { reason } });
}
