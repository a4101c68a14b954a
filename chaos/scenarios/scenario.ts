import type { Fault } from "../faults/fault.ts";
import type { FaultKind } from "../history/history-entry.ts";
import type { FaultRecord } from "../run/fault-book.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest, Topology } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";
import type { WorkloadOptions } from "../workload/workload-options.ts";

/** What an attack works with. */
export interface AttackContext {
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  readonly random: SeededRandom;
  /** Aborts when the time for faults is over. */
  readonly signal: AbortSignal;
  /** Does a fault once, records it, and waits until the system has recovered from it. */
  readonly inject: (fault: Fault, random: SeededRandom) => Promise<FaultRecord>;
  /** A line for the report. */
  readonly note: (line: string) => void;
}

/** A part of a run, with a system of its own. */
export interface Stage {
  readonly name: string;
  readonly topology: Topology;
  /** Its part of the run's time; the parts of all stages make 1. */
  readonly share: number;
  /** What is to be done to it, each at least once. */
  readonly kinds: readonly FaultKind[];
  /** How much more often than others a kind comes; 1 when absent. */
  readonly weights?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly hasSmallDisk?: boolean;
  readonly workload?: WorkloadOptions;
  /** Another attack than faults drawn from the kinds. It ends when its signal aborts, or before. */
  readonly attack?: (context: AttackContext) => Promise<void>;
}

/** A run that can be asked for by its name. */
export interface Scenario {
  readonly name: string;
  /** One line for the help. */
  readonly help: string;
  readonly stages: readonly Stage[];
}
