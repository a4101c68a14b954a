import type { Fault, FaultContext } from "../faults/fault.ts";
import type { FaultEntry, FaultKind } from "../history/history-entry.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";

/** One fault as it went. Times are the recorder's. */
export interface FaultRecord {
  readonly kind: FaultKind;
  readonly detail: string;
  readonly inFlight: number;
  readonly begunAtMs: number;
  readonly endedAtMs: number;
  /** How long the system took to recover; null when it did not while anybody waited. */
  readonly recoveryMs: number | null;
  /** Why it was not done; null when it was. */
  readonly skipped: string | null;
}

export interface BookParts {
  readonly recorder: HistoryRecorder;
  readonly system: SystemUnderTest;
  readonly workload: Workload;
  readonly usualRate: number;
  readonly isLongRun: boolean;
}

/** For so long the next acknowledgement is waited for. */
const recoveryWaitMaxMs = 60_000;

/** Does faults, and writes down how each went. */
export class FaultBook {
  readonly records: FaultRecord[] = [];
  /** Promises of rows of the table of faults that were broken. */
  readonly findings: string[] = [];
  readonly #parts: BookParts;
  #lastNumber = 0;
  #lastDetail = "";

  constructor(parts: BookParts) {
    this.#parts = parts;
  }

  /** What was done last, for people. */
  get lastDetail(): string {
    return this.#lastDetail;
  }

  /** Faults that were done. */
  get done(): number {
    return this.records.filter(({ skipped }) => skipped === null).length;
  }

  /**
   * Does a fault once, and waits until the system has recovered.
   *
   * @param signal aborts the fault, and the wait
   */
  async inject(fault: Fault, random: SeededRandom, signal: AbortSignal): Promise<FaultRecord> {
    const going = new GoingFault(fault, this.#parts, () => (this.#lastNumber += 1), signal);
    const { system, workload, usualRate, isLongRun } = this.#parts;
    const context: FaultContext = {
      system,
      workload,
      usualRate,
      isLongRun,
      random,
      signal,
      begun: (detail) => {
        this.#lastDetail = detail;
        going.begin(detail);
      },
      over: () => going.end(),
      measured: (ms) => going.measure(ms),
      found: (finding) => this.findings.push(finding),
    };
    let skipped: string | null = null;
    try {
      skipped = await fault.inject(context);
    } catch (error) {
      skipped = error instanceof Error ? error.message : String(error);
      // What was begun and could not be looked at to its end is no promise kept.
      if (going.hasBegun && !signal.aborted) this.findings.push(`The fault ${fault.kind} broke off: ${skipped}`);
    }
    const record = await going.finish(skipped);
    this.records.push(record);
    return record;
  }

  /** Writes into the history which kinds were to come and never did. */
  tellSkipped(kinds: readonly FaultKind[]): void {
    for (const kind of kinds) {
      const ofKind = this.records.filter((each) => each.kind === kind);
      if (ofKind.some(({ skipped }) => skipped === null)) continue;
      const detail = ofKind.at(-1)?.skipped ?? "there was no time for it";
      this.#lastNumber += 1;
      this.#parts.recorder.record(
        entryOf(this.#parts, { fault: this.#lastNumber, kind, phase: "skipped", detail }),
      );
      if (ofKind.length === 0) this.records.push(neverDone(kind, detail));
    }
  }
}

/** A fault between its begin and the recovery from it. */
class GoingFault {
  readonly #fault: Fault;
  readonly #parts: BookParts;
  readonly #takeNumber: () => number;
  readonly #signal: AbortSignal;
  #number = 0;
  #detail = "";
  #inFlight = 0;
  #begunAtMs = 0;
  #endedAtMs: number | null = null;
  #measuredMs: number | null = null;
  #recovery: Promise<number | null> = Promise.resolve(null);

  constructor(fault: Fault, parts: BookParts, takeNumber: () => number, signal: AbortSignal) {
    this.#fault = fault;
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
    this.#inFlight = this.#parts.workload.inFlight;
    this.#begunAtMs = this.#record("begun");
  }

  end(): void {
    if (!this.hasBegun || this.#endedAtMs !== null) return;
    const endedAtMs = this.#record("ended");
    this.#endedAtMs = endedAtMs;
    this.#recovery = this.#recover(endedAtMs);
  }

  measure(ms: number): void {
    this.#measuredMs = ms;
  }

  async finish(skipped: string | null): Promise<FaultRecord> {
    if (!this.hasBegun) return neverDone(this.#fault.kind, skipped ?? "it did not begin");
    this.end();
    const recoveryMs = await this.#recovery;
    return {
      kind: this.#fault.kind,
      detail: this.#detail,
      inFlight: this.#inFlight,
      begunAtMs: this.#begunAtMs,
      endedAtMs: this.#endedAtMs ?? this.#begunAtMs,
      recoveryMs: this.#measuredMs ?? recoveryMs,
      skipped: null,
    };
  }

  async #recover(endedAtMs: number): Promise<number | null> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(recoveryWaitMaxMs)]);
    try {
      await this.#parts.workload.nextAcknowledgement(signal);
    } catch {
      return null;
    }
    return this.#record("recovered") - endedAtMs;
  }

  #record(phase: FaultEntry["phase"]): number {
    const { kind } = this.#fault;
    const entry = entryOf(this.#parts, { fault: this.#number, kind, phase, detail: this.#detail });
    this.#parts.recorder.record(entry);
    return entry.t_mono;
  }
}

function entryOf(
  { recorder, workload }: BookParts,
  { fault, kind, phase, detail }: Pick<FaultEntry, "fault" | "kind" | "phase" | "detail">,
) {
  const place = { t_mono: recorder.nowMs(), in_flight: workload.inFlight };
  return { type: "fault", fault, kind, phase, detail, ...place } as const;
}

function neverDone(kind: FaultKind, skipped: string): FaultRecord {
  return { kind, detail: "", inFlight: 0, begunAtMs: 0, endedAtMs: 0, recoveryMs: null, skipped };
}
