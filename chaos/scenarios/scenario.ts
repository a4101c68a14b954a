import type { Fault } from "../faults/fault.ts";
import type { FaultKind, Operation } from "../history/history-entry.ts";
import type { PairStrikes } from "../kill-points/pair-strikes.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest, Topology } from "../system/system-under-test.ts";
import type { WorkloadSettings } from "../workload/start-workload.ts";
import type { Workload } from "../workload/workload.ts";

/** What an attack works with. */
export interface AttackContext {
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  readonly recorder: HistoryRecorder;
  readonly random: SeededRandom;
  /** How much time there is for faults. */
  readonly durationMs: number;
  /** Aborts when that time is over: nothing more should begin, and what has begun may come to its end. */
  readonly timeIsOver: AbortSignal;
  /** Aborts when everything has to end, some time after that or because somebody wants it. */
  readonly signal: AbortSignal;
  /** Does a fault once, records it, and waits until the system has recovered. @returns whether it was done */
  readonly inject: (fault: Fault, random: SeededRandom) => Promise<boolean>;
  /** The number of another fault, for an attack that records its own. */
  readonly takeNumber: () => number;
  /** A line for the report. */
  readonly note: (line: string) => void;
  /** What the sweeps have struck that this run continues; none for a run that continues nothing. */
  readonly earlierStrikes: readonly PairStrikes[];
  /** What has been struck by now, for the result: another run may continue it. */
  readonly noteStrikes: (strikes: readonly PairStrikes[]) => void;
}

/** A part of a run, with a system of its own. */
export interface Stage {
  readonly name: string;
  readonly topology: Topology;
  /** Its part of the run's time; the parts of all stages make 1. */
  readonly share: number;
  /** What is to be done to it, each at least once. */
  readonly kinds: readonly FaultKind[];
  /** Of these, what a machine may not be able to do: then that is told, and proves nothing less. */
  readonly optionalKinds?: readonly FaultKind[];
  /** How much more often than others a kind comes; 1 when absent. */
  readonly weights?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly hasSmallDisk?: boolean;
  readonly workload?: NonNullable<WorkloadSettings["options"]>;
  /** What must have been done at least once; every operation of the workload when absent. */
  readonly operations?: readonly Operation[];
  /** Whether an event has to sell out; it has to when absent. */
  readonly needsSoldOut?: boolean;
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
