import type { FaultKind, Operation } from "../history/history-entry.ts";
import type { BookIndex } from "./book-index.ts";
import type { BreachList } from "./breach-list.ts";
import type { Call } from "./call.ts";
import type { CallIndex } from "./call-index.ts";
import type { DatabaseTime } from "./database-time.ts";
import type { FaultLog } from "./fault-log.ts";
import type { StockTimeline } from "./stock-timeline.ts";
import type { Window } from "./window.ts";

/** What a run was to show, and what it is judged by. */
export interface JudgeOptions {
  /** The kinds of faults that were to fire. */
  readonly plan: readonly FaultKind[];
  /** Kinds of the plan that this machine may not be able to do: then that is told, and proves nothing less. */
  readonly optionalKinds?: readonly FaultKind[];
  /** Each of these must have been done at least once; all of them when absent. */
  readonly operations?: readonly Operation[];
  /** Whether somebody must have been told that an event is sold out. True when absent. */
  readonly needsSoldOut?: boolean;
  /** Within what time after the last fault every call is settled, and every later call after it began. */
  readonly settleMaxMs?: number;
  /** Within what time after its deadline a hold's tickets are free. */
  readonly releaseMaxMs?: number;
  /** How many breaches of each promise are kept. */
  readonly breachesMax?: number;
}

/** Everything that the promises of a run are judged by. */
export interface JudgedRun {
  readonly books: BookIndex;
  readonly calls: CallIndex;
  readonly time: DatabaseTime;
  readonly faults: FaultLog;
  /** By event. */
  readonly stock: ReadonlyMap<string, StockTimeline>;
  readonly breaches: BreachList;
}

/** When a call can have been done, by the database's clock. */
export function windowOf({ time }: Pick<JudgedRun, "time">, call: Call): Window {
  const { firstMs, settled, key, unknowns } = call;
  // Without a key, nothing keeps an attempt that was given up from being served later.
  const isOpen = settled === null || (key === null && unknowns > 0);
  return { fromMs: time.earliest(firstMs), toMs: isOpen ? Infinity : time.latest(settled.atMs) };
}
