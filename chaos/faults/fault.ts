import type { FaultKind } from "../history/history-entry.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest, Topology } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";

/** What a fault works with. */
export interface FaultContext {
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  readonly random: SeededRandom;
  readonly signal: AbortSignal;
  /** Says that something is being done to the system from this moment on. Called once, or never when it cannot be done. */
  readonly begun: (detail: string) => void;
}

/** Something that can be done to the system. */
export interface Fault {
  readonly kind: FaultKind;
  /** Row of the table of faults. */
  readonly number: number;
  readonly topologies: readonly Topology[];
  /** From the moment it ends until something is acknowledged again. */
  readonly recoveryMaxMs: number;
  /** Faults that share something they hurt wait for each other; light ones go on beside everything. */
  readonly weight: "light" | "heavy";
  /**
   * Does it once, and resolves when nothing is done to the system any more.
   *
   * @returns why it could not be done; null when it was done
   */
  inject(context: FaultContext): Promise<string | null>;
}
