import { metricDefinitions } from "../kernel/metric-definitions.ts";
import type { MetricTotals } from "./metric-totals.ts";

/** Everything that has been counted of requests and stock so far, on this machine. */
export interface AnswerCounts {
  readonly requests: number;
  /** Answered with a 4xx, which is no error of ours. */
  readonly refused: number;
  /** Answered with a 5xx. */
  readonly errors: number;
  readonly holds: number;
  readonly confirms: number;
  /** For each bucket of `latencyBounds`, and one for what is above. */
  readonly latencies: readonly number[];
}

/** In seconds. */
export const latencyBounds: readonly number[] = metricDefinitions.http_request_duration_seconds.buckets;

/** What asks whether the service lives says nothing about its buyers. */
const probeRoutes = new Set(["/livez", "/readyz"]);

/** Adds up the totals of all series. */
export function countAnswers(totals: MetricTotals): AnswerCounts {
  let [requests, refused, errors] = [0, 0, 0];
  const latencies = Array.from({ length: latencyBounds.length + 1 }, () => 0);
  for (const { labels, counts } of totals.series("http_request_duration_seconds")) {
    if (probeRoutes.has(labels["route"] ?? "")) continue;
    let answers = 0;
    for (const [bucket, count] of counts.entries()) {
      answers += count;
      latencies[bucket] = (latencies[bucket] ?? 0) + count;
    }
    requests += answers;
    if (labels["status_code"]?.startsWith("4") === true) refused += answers;
    if (labels["status_code"]?.startsWith("5") === true) errors += answers;
  }
  return { requests, refused, errors, latencies, ...countOutcomes(totals) };
}

/** What was counted between two moments. Totals never fall, unless a test or a defect makes them. */
export function subtractCounts(later: AnswerCounts, earlier: AnswerCounts): AnswerCounts {
  const rise = (name: "requests" | "refused" | "errors" | "holds" | "confirms") =>
    Math.max(0, later[name] - earlier[name]);
  return {
    requests: rise("requests"),
    refused: rise("refused"),
    errors: rise("errors"),
    holds: rise("holds"),
    confirms: rise("confirms"),
    latencies: later.latencies.map((count, bucket) => Math.max(0, count - (earlier.latencies[bucket] ?? 0))),
  };
}

function countOutcomes(totals: MetricTotals): { holds: number; confirms: number } {
  let [holds, confirms] = [0, 0];
  for (const { labels, value } of totals.series("holdfast_reservations_total")) {
    if (labels["outcome"] === "held") holds += value;
    if (labels["outcome"] === "confirmed") confirms += value;
  }
  return { holds, confirms };
}
