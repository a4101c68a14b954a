import type { UserNumbers } from "./hold-requests.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";
import type { LoadPlan } from "./load-plan.ts";
import type { ReceivedHoldsCollector } from "./received-holds.ts";

/** What all connections of one load share. Times are on this process's monotonic clock. */
export interface Load {
  readonly plan: LoadPlan;
  readonly startMs: number;
  endMs: number;
  readonly chooseEvent: () => number;
  readonly users: UserNumbers;
  readonly latencies: LatencyHistogram;
  readonly received: ReceivedHoldsCollector;
  readonly countByStatus: Map<number, number>;
  confirmedTotal: number;
}

/** Whether an answer that comes now falls into the counted time. */
export function isCounted(load: Load, nowMs: number): boolean {
  return nowMs >= load.startMs && nowMs < load.endMs;
}

/** Counts an answer of the counted time. */
export function countStatus({ countByStatus }: Load, status: number): void {
  countByStatus.set(status, (countByStatus.get(status) ?? 0) + 1);
}
