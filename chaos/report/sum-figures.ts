import type { Figures } from "../model/count-figures.ts";

/** The figures of all stages together. */
export interface SummedFigures {
  readonly calls: number;
  readonly attempts: number;
  /** Definite answers, done or refused. */
  readonly acknowledged: number;
  readonly done: number;
  readonly done_by: Readonly<Record<string, number>>;
  readonly refused_by: Readonly<Record<string, number>>;
  readonly unknowns: number;
  readonly replays_compared: number;
  readonly samples: number;
  /** How often somebody set the database's clock, and by how much at most. */
  readonly clock_steps: number;
  readonly clock_step_most_ms: number;
  readonly events: number;
  readonly events_sold_out: number;
  readonly reservations: number;
  readonly recoveries: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly oversold: number;
  readonly leaked: number;
  readonly longest_wait_ms: number;
  /** From the end of the last fault until all that was open then was settled; null without faults. */
  readonly settled_after_last_fault_ms: number | null;
  readonly worst_release_ms: number;
  readonly worst_undisturbed_release_ms: number;
}

/** Adds the figures of several histories; of waits the longest counts. */
export function sumFigures(all: readonly Figures[]): SummedFigures {
  const sum = (pick: (figures: Figures) => number) => all.reduce((total, each) => total + pick(each), 0);
  const most = (pick: (figures: Figures) => number) => Math.max(0, ...all.map(pick));
  const settled = all.flatMap(({ settling }) => settling.settledAfterLastFaultMs ?? []);
  return {
    calls: sum(({ calls }) => calls),
    attempts: sum(({ attempts }) => attempts),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    done: sum(({ done }) => done),
    done_by: sumRecords(all.map(({ doneBy }) => doneBy)),
    refused_by: sumRecords(all.map(({ refusedBy }) => refusedBy)),
    unknowns: sum(({ unknowns }) => unknowns),
    replays_compared: sum(({ replaysCompared }) => replaysCompared),
    samples: sum(({ samples }) => samples),
    clock_steps: sum(({ clockSteps }) => clockSteps.length),
    clock_step_most_ms: most(({ clockSteps }) => Math.max(0, ...clockSteps.map(Math.abs))),
    events: sum(({ events }) => events),
    events_sold_out: sum(({ eventsSoldOut }) => eventsSoldOut),
    reservations: sum(({ reservations }) => reservations),
    recoveries: sum(({ recoveries }) => recoveries),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    oversold: sum(({ oversold }) => oversold),
    leaked: sum(({ leaked }) => leaked),
    longest_wait_ms: most(({ settling }) => settling.longestWaitMs),
    settled_after_last_fault_ms: settled.length === 0 ? null : Math.max(...settled),
    worst_release_ms: most(({ releases }) => releases.worstLateMs),
    worst_undisturbed_release_ms: most(({ releases }) => releases.worstUndisturbedMs),
  };
}

function sumRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records)
    for (const [name, count] of Object.entries(record)) total[name] = (total[name] ?? 0) + count;
  return total;
}
