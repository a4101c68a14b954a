import type { RunFigures } from "../run/run-parts.ts";

/** The figures of all stages together. */
export interface SummedFigures extends RunFigures {
  readonly acknowledgements: number;
}

/** Adds the figures of several histories; of the longest waits the longest counts. */
export function sumFigures(all: readonly RunFigures[]): SummedFigures {
  const sum = (pick: (figures: RunFigures) => number) => all.reduce((total, each) => total + pick(each), 0);
  const acknowledged: Record<string, number> = {};
  for (const each of all)
    for (const [operation, count] of Object.entries(each.acknowledged))
      acknowledged[operation] = (acknowledged[operation] ?? 0) + count;
  const settled = all.flatMap(({ lastFaultToSettledMs }) => lastFaultToSettledMs ?? []);
  return {
    calls: sum(({ calls }) => calls),
    attempts: sum(({ attempts }) => attempts),
    acknowledged,
    acknowledgements: Object.values(acknowledged).reduce((total, count) => total + count, 0),
    unknowns: sum(({ unknowns }) => unknowns),
    replaysCompared: sum(({ replaysCompared }) => replaysCompared),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    oversold: sum(({ oversold }) => oversold),
    leaked: sum(({ leaked }) => leaked),
    eventsSoldOut: sum(({ eventsSoldOut }) => eventsSoldOut),
    longestCallMs: Math.max(0, ...all.map(({ longestCallMs }) => longestCallMs)),
    lastFaultToSettledMs: settled.length === 0 ? null : Math.max(...settled),
  };
}
