import type { FaultEntry, FaultKind } from "../history/history-entry.ts";

/** One fault, from its beginning to the recovery. Times are of the run's clock. */
export interface FaultRecord {
  readonly fault: number;
  readonly kind: FaultKind;
  beganAtMs: number | null;
  endedAtMs: number | null;
  recoveredAtMs: number | null;
  skippedBecause: string | null;
  /** Requests without an answer when it began. */
  inFlight: number;
}

/** Faults that keep nobody from releasing a hold in time: one client's connection, and a clock that decides nothing. */
const harmlessToReleases: ReadonlySet<FaultKind> = new Set(["client_gone", "wrong_clock"]);

/**
 * Requests are served before everything is as it was: whoever sweeps may have died, and another takes that over, loads what
 * it needs and looks for the first time.
 */
const sweeperReturnMaxMs = 1_000;

/** The faults of a run. */
export class FaultLog {
  readonly records = new Map<number, FaultRecord>();
  #excuses: readonly (readonly [fromMs: number, toMs: number])[] | null = null;

  take({ fault, kind, phase, t_mono, in_flight, detail }: FaultEntry): void {
    const record = this.records.get(fault) ?? newRecord(fault, kind);
    this.records.set(fault, record);
    this.#excuses = null;
    switch (phase) {
      case "begun":
        record.beganAtMs = t_mono;
        record.inFlight = in_flight;
        return;
      case "ended":
        record.endedAtMs = t_mono;
        return;
      case "recovered":
        record.recoveredAtMs = t_mono;
        return;
      case "skipped":
        record.skippedBecause = detail;
    }
  }

  /** When the last fault had ended; null when there was none. */
  get lastEndMs(): number | null {
    const ends = [...this.records.values()].flatMap(
      ({ beganAtMs, endedAtMs }) => endedAtMs ?? beganAtMs ?? [],
    );
    return ends.length === 0 ? null : ends.reduce((latest, each) => Math.max(latest, each));
  }

  /** How much of a time of the run was without any fault that can hold up a release, recovery and return of the sweeper included. */
  undisturbedMs(fromMs: number, toMs: number): number {
    this.#excuses ??= this.#joinExcuses();
    let disturbedMs = 0;
    for (const [begin, end] of this.#excuses) {
      if (begin >= toMs) break;
      disturbedMs += Math.max(0, Math.min(end, toMs) - Math.max(begin, fromMs));
    }
    return Math.max(0, toMs - fromMs - disturbedMs);
  }

  #joinExcuses(): [number, number][] {
    const spans = [...this.records.values()]
      .filter(({ kind }) => !harmlessToReleases.has(kind))
      .flatMap(({ beganAtMs, recoveredAtMs }): [number, number][] =>
        // What never recovered disturbs until the end of the run.
        beganAtMs === null ? [] : [[beganAtMs, (recoveredAtMs ?? Infinity) + sweeperReturnMaxMs]],
      )
      .toSorted(([one], [other]) => one - other);
    const joined: [number, number][] = [];
    for (const [begin, end] of spans) {
      const last = joined.at(-1);
      if (last === undefined || last[1] < begin) joined.push([begin, end]);
      else last[1] = Math.max(last[1], end);
    }
    return joined;
  }
}

function newRecord(fault: number, kind: FaultKind): FaultRecord {
  return {
    fault,
    kind,
    beganAtMs: null,
    endedAtMs: null,
    recoveredAtMs: null,
    skippedBecause: null,
    inFlight: 0,
  };
}
