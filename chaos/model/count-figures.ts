import type { FaultKind, Operation } from "../history/history-entry.ts";
import type { ReleaseFigures } from "./check-deadlines.ts";
import type { SettlingFigures } from "./check-alive.ts";
import type { StrayTickets } from "./check-stock.ts";
import type { FaultRecord } from "./fault-log.ts";
import type { JudgedRun } from "./judged-run.ts";
import type { CallLedger } from "./call-ledger.ts";

/** What one kind of fault came to. Recoveries are from the fault's end to the first acknowledgement after it. */
interface FaultFigures {
  /** How often it was done. */
  readonly count: number;
  readonly skipped: number;
  /** How often requests were under way when it began, and how many were so at most. */
  readonly underLoad: number;
  readonly inFlightMost: number;
  readonly recovered: number;
  /** Null while nothing has recovered. */
  readonly recoveryP50Ms: number | null;
  readonly recoveryP99Ms: number | null;
  readonly recoveryWorstMs: number | null;
}

/** The figures of a run. */
export interface Figures {
  readonly calls: number;
  readonly attempts: number;
  /** Attempts that settled nothing. */
  readonly unknowns: number;
  /** Calls that were answered for certain, whether done or refused. */
  readonly acknowledged: number;
  /** Of them, those that were done. */
  readonly done: number;
  readonly doneBy: Readonly<Record<Operation, number>>;
  /** Refusals by their codes. */
  readonly refusedBy: Readonly<Record<string, number>>;
  readonly replaysCompared: number;
  readonly samples: number;
  /** By how much somebody set the database's clock during the run, each time, in ms; below zero where it was set back. */
  readonly clockSteps: readonly number[];
  readonly faults: Readonly<Partial<Record<FaultKind, FaultFigures>>>;
  readonly faultCount: number;
  readonly recoveries: number;
  readonly events: number;
  readonly eventsSoldOut: number;
  readonly reservations: number;
  /** Acknowledged effects that are not there, or are not what was told. */
  readonly lost: number;
  /** Effects that were had twice, and users who had two reservations. */
  readonly duplicated: number;
  /** Tickets. */
  readonly oversold: number;
  readonly leaked: number;
  readonly releases: ReleaseFigures;
  readonly settling: SettlingFigures;
}

export const operations: readonly Operation[] = [
  "hold",
  "confirm",
  "extend",
  "cancel",
  "put_item",
  "remove_item",
  "check_out",
  "refund",
  "sign_up",
  "verify",
  "deliver",
  "change_event",
  "read",
];

/** What was found besides breaches. */
interface Findings {
  readonly ledger: CallLedger;
  readonly samples: number;
  readonly stray: StrayTickets;
  readonly releases: ReleaseFigures;
  readonly settling: SettlingFigures;
  readonly eventsSeenSoldOut: ReadonlySet<string>;
}

/** Counts what a run has shown. */
export function countFigures(run: JudgedRun, findings: Findings): Figures {
  const { ledger, samples, stray, releases, settling, eventsSeenSoldOut } = findings;
  const doneBy = Object.fromEntries(operations.map((name) => [name, 0])) as Record<Operation, number>;
  const refusedBy: Record<string, number> = {};
  const soldOut = new Set(eventsSeenSoldOut);
  let acknowledged = 0;
  for (const { f, settled, event } of run.calls.all) {
    if (settled === null) continue;
    acknowledged += 1;
    if (settled.kind === "ok") doneBy[f] += 1;
    else
      refusedBy[settled.code ?? String(settled.status)] =
        (refusedBy[settled.code ?? String(settled.status)] ?? 0) + 1;
    if (settled.code === "sold_out" && event !== null) soldOut.add(event);
  }
  const faults = [...run.faults.records.values()];
  const { counts } = run.breaches;
  return {
    calls: run.calls.all.length,
    attempts: ledger.attempts,
    unknowns: ledger.unknowns,
    acknowledged,
    done: Object.values(doneBy).reduce((sum, each) => sum + each, 0),
    doneBy,
    refusedBy,
    replaysCompared: ledger.replaysCompared,
    samples,
    clockSteps: run.time.steps(),
    faults: Object.fromEntries(
      [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, records]) => [kind, countFault(records)]),
    ),
    faultCount: faults.filter(({ beganAtMs }) => beganAtMs !== null).length,
    recoveries: faults.filter(({ recoveredAtMs }) => recoveredAtMs !== null).length,
    events: run.books.events.size,
    eventsSoldOut: soldOut.size,
    reservations: run.books.reservations.size,
    lost: counts.lost,
    duplicated: counts.duplicate_active + counts.one_effect,
    ...stray,
    releases,
    settling,
  };
}

function countFault(records: readonly FaultRecord[]): FaultFigures {
  const done = records.filter(({ beganAtMs }) => beganAtMs !== null);
  const recoveries = done
    .flatMap(({ beganAtMs, endedAtMs, recoveredAtMs }) =>
      recoveredAtMs === null ? [] : [recoveredAtMs - (endedAtMs ?? beganAtMs ?? recoveredAtMs)],
    )
    .toSorted((one, other) => one - other);
  return {
    count: done.length,
    skipped: records.filter(({ skippedBecause }) => skippedBecause !== null).length,
    underLoad: done.filter(({ inFlight }) => inFlight > 0).length,
    inFlightMost: done.reduce((most, { inFlight }) => Math.max(most, inFlight), 0),
    recovered: recoveries.length,
    recoveryP50Ms: percentile(recoveries, 0.5),
    recoveryP99Ms: percentile(recoveries, 0.99),
    recoveryWorstMs: recoveries.at(-1) ?? null,
  };
}

/** @param sorted smallest first @returns the value that such a part of them is not above; null for none */
function percentile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}
