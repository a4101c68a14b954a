import type { MetricRecorder } from "../../api/kernel/record-metrics.ts";
import { MetricTotals } from "../../api/operations/metric-totals.ts";

export interface CountedSoFar {
  /** How many requests were timed, by "METHOD route status". */
  requests(): Record<string, number>;
  /** How many commands had each outcome, without those that none had. */
  outcomes(): Record<string, number>;
  readonly totals: MetricTotals;
}

/** Follows what a service counts from now on. Only one may follow a recorder. */
export function followRecorder(recorder: MetricRecorder): CountedSoFar {
  recorder.takeDeltas();
  const totals = new MetricTotals();
  const take = () => {
    if (!totals.add(recorder.takeDeltas())) throw new Error("The recorder's deltas were refused.");
  };
  return {
    get totals() {
      take();
      return totals;
    },
    requests: () => {
      take();
      const entries = totals.series("http_request_duration_seconds").map(({ labels, counts }) => {
        const { method, route, status_code: status } = labels;
        return [`${method} ${route} ${status}`, counts.reduce((sum, count) => sum + count, 0)];
      });
      return Object.fromEntries(entries) as Record<string, number>;
    },
    outcomes: () => {
      take();
      const entries = totals
        .series("holdfast_reservations_total")
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels["outcome"], value]);
      return Object.fromEntries(entries) as Record<string, number>;
    },
  };
}
