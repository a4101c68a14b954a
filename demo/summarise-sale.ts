import type { EventReply } from "../api/contract/events.ts";
import type { Comparison } from "./compare-books.ts";
import type { KillResult } from "./kill-a-worker.ts";
import { type Latency, percentilesOf } from "./percentiles.ts";
import type { Refusals, SaleLedger } from "./sale-ledger.ts";
import type { WorkerCounts } from "./watch-workers.ts";

/** Everything that is known when a rehearsal is over. */
export interface SaleFacts {
  readonly buyersPlanned: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly wasStopped: boolean;
  readonly durationMs: number;
  readonly ledger: SaleLedger;
  readonly workers: WorkerCounts | null;
  /** Null when no worker was to be killed. */
  readonly kill: KillResult | null;
  readonly event: EventReply;
  /** Null when the service did not answer any more, so that nothing could be compared. */
  readonly books: { readonly event: EventReply; readonly comparison: Comparison } | null;
}

/** What a rehearsal came to, for machines. */
export interface Summary {
  readonly verdict: "exact" | "broken" | "unchecked";
  readonly complaints: readonly string[];
  readonly event: { id: string; name: string; hold_seconds: number };
  readonly stock: { capacity: number; sold: number; held: number; free: number } | null;
  readonly seed: number;
  readonly stopped: boolean;
  readonly duration_seconds: number;
  readonly buyers: {
    planned: number;
    arrived: number;
    rate_per_second: number;
    delayed: number;
    delay_ms_max: number;
  };
  readonly holds: {
    held: number;
    ended_unpaid: number | null;
    refused: Record<string, number>;
    unknown: number;
  };
  readonly confirms: { confirmed: number; refused: Record<string, number>; unknown: number };
  readonly retries: { buyers: number; requests: number };
  /** From the planned arrival, or from the wish to pay, to the definite answer. */
  readonly latency_ms: { hold: Latency; confirm: Latency };
  readonly workers: WorkerCounts | null;
  readonly killed_worker: { id: number; pid: number } | null;
  /** Why no worker was killed although one was to be; null otherwise. */
  readonly kill_refused: string | null;
  readonly other_reservations: number | null;
}

export function summariseSale(facts: SaleFacts): Summary {
  const { ledger, books, kill, event } = facts;
  const complaints = books?.comparison.complaints ?? [];
  return {
    verdict: books === null ? "unchecked" : complaints.length === 0 ? "exact" : "broken",
    complaints,
    event: { id: event.id, name: event.name, hold_seconds: event.hold_seconds },
    stock: books === null ? null : stockOf(books.event),
    seed: facts.seed,
    stopped: facts.wasStopped,
    duration_seconds: Math.round(facts.durationMs / 10) / 100,
    buyers: {
      planned: facts.buyersPlanned,
      arrived: ledger.arrived,
      rate_per_second: facts.ratePerSecond,
      delayed: ledger.delayed,
      delay_ms_max: Math.round(ledger.delayMsMax),
    },
    holds: {
      held: ledger.held,
      ended_unpaid: books?.comparison.endedUnpaid ?? null,
      refused: byCode(ledger.holdRefusals),
      unknown: ledger.holdsUnknown,
    },
    confirms: {
      confirmed: ledger.confirmed,
      refused: byCode(ledger.confirmRefusals),
      unknown: ledger.confirmsUnknown,
    },
    retries: { buyers: ledger.retriedBuyers, requests: ledger.retries },
    latency_ms: {
      hold: percentilesOf(ledger.holdLatenciesMs),
      confirm: percentilesOf(ledger.confirmLatenciesMs),
    },
    workers: facts.workers,
    killed_worker: kill?.kind === "killed" ? { id: kill.workerId, pid: kill.pid } : null,
    kill_refused: kill?.kind === "refused" ? kill.reason : null,
    other_reservations: books?.comparison.others ?? null,
  };
}

function stockOf({ capacity, sold, held, available }: EventReply): Summary["stock"] {
  return { capacity, sold, held, free: available };
}

/** The most frequent first. */
function byCode(refusals: Refusals): Record<string, number> {
  return Object.fromEntries([...refusals].sort(([, one], [, other]) => other - one));
}
