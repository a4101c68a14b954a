import {
  type FaultEntry,
  type FaultKind,
  type HistoryEntry,
  type NewEntry,
} from "../history/history-entry.ts";
import { HistoryRecorder, type RunName } from "../history/record-history.ts";

/** One fault as its entries tell it. Times are the recorder's. */
interface FaultTimes {
  readonly kind: FaultKind;
  readonly inFlight: number;
  readonly endedAtMs: number | null;
  readonly recoveryMs: number | null;
}

/** What became of the faults of one kind. */
export interface KindFigures {
  readonly kind: FaultKind;
  readonly count: number;
  /** How many of them began while a request had no answer yet. */
  readonly whileInFlight: number;
  /** Requests without an answer, all those moments together. */
  readonly inFlight: number;
  /** Null where nothing recovered. */
  readonly recovery: { readonly p50Ms: number; readonly p99Ms: number; readonly worstMs: number } | null;
  /** Faults after which nothing was acknowledged while anybody waited. */
  readonly unrecovered: number;
}

/** Counts the faults of a run, whoever records them. */
export class FaultTally {
  readonly #faults = new Map<string, FaultTimes>();
  #done = 0;
  #last = "";

  /** Faults that were begun. */
  get done(): number {
    return this.#done;
  }

  /** What was done last, for people. */
  get lastDetail(): string {
    return this.#last;
  }

  /** @param stage tells the faults of one history from those of another */
  take(stage: string, entry: FaultEntry): void {
    const key = `${stage} ${entry.fault}`;
    const { kind, phase, t_mono: atMs } = entry;
    const known = this.#faults.get(key) ?? {
      kind,
      inFlight: entry.in_flight,
      endedAtMs: null,
      recoveryMs: null,
    };
    switch (phase) {
      case "begun":
        this.#done += 1;
        this.#last = entry.detail;
        this.#faults.set(key, known);
        return;
      case "ended":
        this.#faults.set(key, { ...known, endedAtMs: atMs });
        return;
      case "recovered":
        // What was measured in another way stays.
        if (known.recoveryMs === null)
          this.#faults.set(key, { ...known, recoveryMs: atMs - (known.endedAtMs ?? atMs) });
        return;
      case "skipped":
    }
  }

  /** The recovery from a fault, where it is another time than that to the next acknowledgement. */
  measure(stage: string, fault: number, recoveryMs: number): void {
    const known = this.#faults.get(`${stage} ${fault}`);
    if (known !== undefined) this.#faults.set(`${stage} ${fault}`, { ...known, recoveryMs });
  }

  figures(): KindFigures[] {
    const kinds = Map.groupBy(this.#faults.values(), ({ kind }) => kind);
    return [...kinds].map(([kind, faults]) => {
      const recoveries = faults
        .flatMap(({ recoveryMs }) => recoveryMs ?? [])
        .toSorted((one, other) => one - other);
      const at = (part: number) => recoveries[Math.ceil(part * recoveries.length) - 1] ?? 0;
      return {
        kind,
        count: faults.length,
        whileInFlight: faults.filter(({ inFlight }) => inFlight > 0).length,
        inFlight: faults.reduce((sum, { inFlight }) => sum + inFlight, 0),
        recovery: recoveries.length === 0 ? null : { p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) },
        unrecovered: faults.length - recoveries.length,
      };
    });
  }
}

/** A recorder whose faults are counted as they are written down. */
export class TalliedRecorder extends HistoryRecorder {
  readonly #tally: FaultTally;
  readonly #stage: string;

  constructor(path: string, name: RunName, tally: FaultTally, stage: string) {
    super(path, name);
    this.#tally = tally;
    this.#stage = stage;
  }

  override record(entry: NewEntry): HistoryEntry {
    const recorded = super.record(entry);
    if (recorded.type === "fault") this.#tally.take(this.#stage, recorded);
    return recorded;
  }
}
