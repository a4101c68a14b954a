import { makeEventChooser } from "./choose-event.ts";
import { checkOutCarts, fillCarts } from "./converse-about-carts.ts";
import { converseAboutHolds } from "./converse-about-holds.ts";
import { UserNumbers } from "./hold-requests.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { Load } from "./load.ts";
import { type Conversation, openLoadConnection } from "./load-connection.ts";
import type { LoadPlan, LoadResult } from "./load-plan.ts";
import { ReceivedHoldsCollector } from "./received-holds.ts";

/** How long the last answers may take after the measured time. */
const lastAnswersMaxMs = 5_000;

/**
 * Makes one closed-loop load: each connection sends its next request when the last one has been answered.
 * Latency is therefore that of a line as long as the number of connections, not that of a fixed rate of
 * arrivals.
 *
 * @param stop ends the measured time early
 * @returns when every request has been answered or given up, which is bounded in time
 */
export async function runLoad(plan: LoadPlan, stop: AbortSignal): Promise<LoadResult> {
  const startMs = performance.now() + plan.warmUpMs;
  const load: Load = {
    plan,
    startMs,
    endMs: startMs + plan.measuredMs,
    chooseEvent: makeEventChooser(plan.eventIds.length),
    users: new UserNumbers(),
    latencies: new LatencyHistogram(),
    received: new ReceivedHoldsCollector(),
    countByStatus: new Map(),
    confirmedTotal: 0,
  };
  stop.addEventListener("abort", () => {
    load.endMs = Math.min(load.endMs, performance.now());
  });
  const { failures, firstFailure } = await runConnections(load, stop);
  return {
    measuredMs: Math.max(load.endMs - load.startMs, 0),
    countByStatus: Object.fromEntries(load.countByStatus),
    confirmedTotal: load.confirmedTotal,
    p50Ms: load.latencies.percentileMs(0.5),
    p99Ms: load.latencies.percentileMs(0.99),
    latencyMaxMs: load.latencies.maxMs,
    failures,
    firstFailure,
    received: load.received.toColumns(),
  };
}

type Failures = Pick<LoadResult, "failures" | "firstFailure">;

/** Opens all connections and waits until each has ended. */
function runConnections(load: Load, stop: AbortSignal): Promise<Failures> {
  const { connections, host, port } = load.plan;
  return new Promise((resolve) => {
    let open = connections;
    let failures = 0;
    let firstFailure: string | null = null;
    const cuts: (() => void)[] = [];
    const cutAll = () => cuts.forEach((cut) => cut());
    const longestMs = load.endMs - performance.now() + lastAnswersMaxMs;
    let limit = setTimeout(cutAll, longestMs);
    stop.addEventListener("abort", () => {
      clearTimeout(limit);
      if (open > 0) limit = setTimeout(cutAll, lastAnswersMaxMs);
    });
    const whenEnded = (error: Error | null) => {
      if (error !== null) {
        failures += 1;
        firstFailure ??= error.message;
      }
      open -= 1;
      if (open > 0) return;
      clearTimeout(limit);
      resolve({ failures, firstFailure });
    };
    for (let index = 0; index < connections; index += 1) {
      cuts.push(openLoadConnection({ host, port }, converse(load), whenEnded));
    }
  });
}

/** What one connection says. */
function converse(load: Load): Conversation {
  switch (load.plan.kind) {
    case "hold":
    case "keyed_hold":
    case "life":
      return converseAboutHolds(load);
    case "fill_carts":
      return fillCarts(load);
    case "checkout":
      return checkOutCarts(load);
  }
}
