import type { JobEntry } from "../../../api/contract/job-lists.ts";
import { requestJson } from "../../shared/api/request.ts";

/** Has a job tried again at once, or not at all. */
export function steerJob({ queue, id }: JobEntry, act: "retry" | "cancel"): Promise<unknown> {
  return requestJson(`/ops/v1/jobs/${queue}/${id}/${act}`, { method: "POST", body: {} });
}
