import { seqsOf, userOf } from "./call.ts";
import { describe } from "./check-acknowledged.ts";
import type { JudgedRun } from "./judged-run.ts";

/** How long calls took to be settled. */
export interface SettlingFigures {
  readonly longestWaitMs: number;
  /** From the end of the last fault until all that was open then was settled; null without a fault or without an end. */
  readonly settledAfterLastFaultMs: number | null;
}

/**
 * `alive`: at the end every call is settled; those that were open when the last fault ended, within `settleMaxMs` of
 * that, and those that began later, within as long of their beginning.
 */
export function checkAlive(run: JudgedRun, settleMaxMs: number): SettlingFigures {
  const lastEndMs = run.faults.lastEndMs;
  let [longestWaitMs, afterLastFaultMs, isOpen] = [0, 0, false];
  for (const call of run.calls.all) {
    const { settled, firstMs } = call;
    const place = { seqs: seqsOf(call), event: call.event, user: userOf(call) };
    if (settled === null) {
      isOpen = true;
      run.breaches.add("alive", `${describe(call)} was never settled.`, place);
      continue;
    }
    longestWaitMs = Math.max(longestWaitMs, settled.atMs - firstMs);
    const sinceMs = Math.max(firstMs, lastEndMs ?? 0);
    const tookMs = settled.atMs - sinceMs;
    if (lastEndMs !== null && firstMs <= lastEndMs) afterLastFaultMs = Math.max(afterLastFaultMs, tookMs);
    if (tookMs <= settleMaxMs) continue;
    const what = firstMs <= sinceMs && lastEndMs !== null ? "after the last fault" : "after it began";
    run.breaches.add("alive", `${describe(call)} was settled only ${Math.round(tookMs)} ms ${what}.`, place);
  }
  return { longestWaitMs, settledAfterLastFaultMs: lastEndMs === null || isOpen ? null : afterLastFaultMs };
}
