import { requestJson } from "../../shared/api/request.ts";

/** Asks for a run of one kind of background work now. */
export function runJob(name: string): Promise<unknown> {
  return requestJson(`/ops/v1/jobs/${encodeURIComponent(name)}/run`, { method: "POST", body: {} });
}
