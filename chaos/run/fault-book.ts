import { setImmediate } from "node:timers/promises";
import type { Fault, FaultContext } from "../faults/fault.ts";
import type { FaultEntry, FaultKind } from "../history/history-entry.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";

export interface BookParts {
  readonly recorder: HistoryRecorder;
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  readonly usualRate: number;
  readonly isLongRun: boolean;
  /** A fault's recovery, where it is another time than that to the next acknowledgement. */
  readonly onMeasured: (fault: number, recoveryMs: number) => void;
}

/** For so long the next acknowledgement is waited for. */
const recoveryWaitMaxMs = 60_000;
/** For so long a fault waits for a request to be under way. */
const loadWaitMaxMs = 1_000;

/** Does faults, and writes down how each went. */
export class FaultBook {
  /** Promises of rows of the table of faults that were broken. */
  readonly findings: string[] = [];
  /** What is worth knowing and breaks no promise. */
  readonly notes: string[] = [];
  readonly #parts: BookParts;
  readonly #done = new Set<FaultKind>();
  /** Why each kind could not be done when it was last tried. */
  readonly #reasons = new Map<FaultKind, string>();
  #lastNumber = 0;

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  /** The number of another fault of this run. */
  takeNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /**
   * Does a fault once, and waits until the system has recovered.
   *
   * @param signal aborts the fault, and the wait
   * @returns whether it was done
   */
  async inject(fault: Fault, random: SeededRandom, signal: AbortSignal): Promise<boolean> {
    const going = new GoingFault(fault.kind, this.#parts, () => this.takeNumber(), signal);
    const { system, workload, usualRate, isLongRun } = this.#parts;
    const context: FaultContext = {
      system,
      workload,
      usualRate,
      isLongRun,
      random,
      signal,
      underLoad: () => awaitLoad(workload, signal),
      begun: (detail) => going.begin(detail),
      over: () => going.end(),
      measured: (ms) => going.measure(ms),
      note: (sentence) => this.notes.push(sentence),
      found: (finding) => this.findings.push(finding),
    };
    let reason: string | null;
    try {
      reason = await fault.inject(context);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      // What was begun and could not be looked at to its end is no promise kept.
      if (going.hasBegun && !signal.aborted)
        this.findings.push(`The fault ${fault.kind} broke off: ${reason}`);
    }
    if (!going.hasBegun) {
      this.#reasons.set(fault.kind, reason ?? "it did not begin");
      return false;
    }
    this.#done.add(fault.kind);
    await going.recovered();
    return true;
  }

  /** Writes into the history which kinds were to come and never did, and why. */
  tellSkipped(kinds: readonly FaultKind[]): void {
    for (const kind of kinds) {
      if (this.#done.has(kind)) continue;
      const detail = this.#reasons.get(kind) ?? "there was no time for it";
      record(this.#parts, { fault: this.takeNumber(), kind, phase: "skipped", detail });
    }
  }
}

/** A fault between its begin and the recovery from it. */
class GoingFault {
  readonly #kind: FaultKind;
  readonly #parts: BookParts;
  readonly #takeNumber: () => number;
  readonly #signal: AbortSignal;
  #number = 0;
  #detail = "";
  #recovery: Promise<void> | null = null;

  constructor(kind: FaultKind, parts: BookParts, takeNumber: () => number, signal: AbortSignal) {
    this.#kind = kind;
    this.#parts = parts;
    this.#takeNumber = takeNumber;
    this.#signal = signal;
  }

  get hasBegun(): boolean {
    return this.#number > 0;
  }

  begin(detail: string): void {
    this.#number = this.#takeNumber();
    this.#detail = detail;
    this.#record("begun");
  }

  end(): void {
    if (!this.hasBegun || this.#recovery !== null) return;
    this.#record("ended");
    this.#recovery = this.#recover();
  }

  measure(ms: number): void {
    if (this.hasBegun) this.#parts.onMeasured(this.#number, ms);
  }

  /** Ends it, and waits until a request that was sent after its end is acknowledged. */
  async recovered(): Promise<void> {
    this.end();
    await this.#recovery;
  }

  async #recover(): Promise<void> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(recoveryWaitMaxMs)]);
    try {
      await this.#parts.workload.nextAcknowledgement(signal);
    } catch {
      // That it never came shows in the history.
      return;
    }
    this.#record("recovered");
  }

  #record(phase: FaultEntry["phase"]): void {
    record(this.#parts, { fault: this.#number, kind: this.#kind, phase, detail: this.#detail });
  }
}

async function awaitLoad(workload: Workload, signal: AbortSignal): Promise<void> {
  const giveUpAtMs = performance.now() + loadWaitMaxMs;
  while (workload.inFlight === 0 && performance.now() < giveUpAtMs && !signal.aborted) await setImmediate();
}

function record(
  { recorder, workload }: BookParts,
  { fault, kind, phase, detail }: Pick<FaultEntry, "fault" | "kind" | "phase" | "detail">,
): void {
  const [t_mono, in_flight] = [recorder.nowMs(), workload.inFlight];
  recorder.record({ type: "fault", fault, kind, phase, detail, t_mono, in_flight });
}
