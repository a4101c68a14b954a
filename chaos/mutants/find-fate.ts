import type { Fate } from "./run-mutant.ts";

/** Of one mutant, each with a seed of its own. */
const runsMax = 3;

/**
 * Runs a mutant until its fate is known. Some mistakes show only when a fault falls into the right moment: what a run has
 * not killed is tried again. So is a run that said nothing. What was found in the service as it is stays found.
 *
 * @param run called with 0, 1, 2: what to add to the seed
 * @returns the last run's fate, and how many there were
 */
export async function findFate(
  isChanged: boolean,
  run: (index: number) => Promise<Fate>,
  signal: AbortSignal,
): Promise<{ readonly fate: Fate; readonly runs: number }> {
  for (let runs = 1; ; runs += 1) {
    const fate = await run(runs - 1);
    const isFinal = isChanged ? fate.kind === "killed" : fate.kind !== "undecided";
    if (isFinal || runs === runsMax || signal.aborted) return { fate, runs };
  }
}
