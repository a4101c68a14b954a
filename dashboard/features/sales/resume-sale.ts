import { requestJson } from "../../shared/api/request.ts";

/** Lets an event's sale go on. */
export function resumeSale(eventId: string): Promise<unknown> {
  return requestJson(`/ops/v1/sales/${eventId}/resume`, { method: "POST", body: {} });
}
