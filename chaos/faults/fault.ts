import type { FaultKind } from "../history/history-entry.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest, Topology } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";

/** What a fault works with. */
export interface FaultContext {
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  /** Calls a second that the workload begins when nothing is said. */
  readonly usualRate: number;
  readonly random: SeededRandom;
  readonly signal: AbortSignal;
  /** Whether the run is long, so that a fault that can last may last longer. */
  readonly isLongRun: boolean;
  /** Waits, not for long, until a request is under way: what strikes between two requests shows nothing. */
  readonly underLoad: () => Promise<void>;
  /** Says that something is being done to the system from this moment on. Called once, or never when it cannot be done. */
  readonly begun: (detail: string) => void;
  /** Says that nothing is done to the system any more, where something is still to be looked at. Else `inject` resolves. */
  readonly over: () => void;
  /** The recovery, where it is another time than that to the next acknowledgement. */
  readonly measured: (ms: number) => void;
  /** Something worth knowing that breaks no promise, in one sentence. */
  readonly note: (sentence: string) => void;
  /** A promise of this fault's row that was broken, in one sentence. */
  readonly found: (finding: string) => void;
}

/** Something that can be done to the system. */
export interface Fault {
  readonly kind: FaultKind;
  /** Row of the table of faults. */
  readonly number: number;
  readonly topologies: readonly Topology[];
  /** From the moment it ends until something is acknowledged again. Null where the table sets no figure. */
  readonly recoveryMaxMs: number | null;
  /** Heavy faults wait for each other; light ones go on beside everything. */
  readonly weight: "light" | "heavy";
  /**
   * Does it once, and resolves when nothing is done to the system any more, also when the signal aborts.
   *
   * @returns why it could not be done; null when it was done
   */
  inject(context: FaultContext): Promise<string | null>;
}
