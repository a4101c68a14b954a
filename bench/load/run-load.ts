import { makeEventChooser } from "./choose-event.ts";
import { RequestWriter, UserNumbers } from "./hold-requests.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type Conversation, openLoadConnection } from "./load-connection.ts";
import type { LoadPlan, LoadResult } from "./load-plan.ts";
import { ReceivedHoldsCollector } from "./received-holds.ts";
import type { ReplyReader } from "./reply-reader.ts";

/** How long the last answers may take after the measured time. */
const lastAnswersMaxMs = 5_000;

/** What all connections of one load share. Times are on this process's monotonic clock. */
interface Load {
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

/** What one connection says: holds one after the other, or holds that it confirms. */
function converse(load: Load): Conversation {
  const writer = new RequestWriter(load.plan);
  const confirms = load.plan.kind === "life";
  let userNumber = 0;
  let eventIndex = 0;
  let sinceMs = 0;
  const hold = (nowMs: number): Buffer | null => {
    if (nowMs >= load.endMs) return null;
    userNumber = load.users.take();
    eventIndex = load.chooseEvent();
    sinceMs = nowMs;
    return writer.hold(userNumber, eventIndex);
  };
  return {
    first: () => hold(performance.now()),
    next(reply: ReplyReader, bytes: Buffer) {
      const nowMs = performance.now();
      const isCounted = nowMs >= load.startMs && nowMs < load.endMs;
      const { status } = reply;
      if (isCounted) load.countByStatus.set(status, (load.countByStatus.get(status) ?? 0) + 1);
      if (status === 201) {
        const idStart = reply.idStart(bytes);
        load.received.add(bytes, idStart, userNumber, eventIndex);
        if (confirms) return writer.confirm(bytes, idStart);
      } else if (status === 200) {
        load.confirmedTotal += 1;
      }
      // An overloaded service that refuses at once must not look fast.
      if (isCounted && status < 500) load.latencies.record(nowMs - sinceMs);
      return hold(nowMs);
    },
  };
}
