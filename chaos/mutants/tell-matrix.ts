import type { Mutant } from "./mutant.ts";
import type { Fate } from "./run-mutant.ts";

const nameWidth = 30;
const scenarioWidth = 18;

/**
 * One row of the matrix; below it, what was found against the expectation.
 *
 * @param runs how many it took: a mutant that needs several is one that a run may miss
 */
export function tellFate({ name, scenario, edits }: Mutant, fate: Fate, runs: number): string {
  const told = `${describe(fate, edits.length === 0)}${runs > 1 ? ` (in ${runs} runs)` : ""}`;
  const row = `${name.padEnd(nameWidth)} ${scenario.padEnd(scenarioWidth)} ${told}\n`;
  return fate.kind === "astray" ? row + fate.found.map((each) => `    ${each}\n`).join("") : row;
}

function describe(fate: Fate, isUnchanged: boolean): string {
  switch (fate.kind) {
    case "killed":
      return `killed: ${fate.by.join(", ")}`;
    case "astray":
      return isUnchanged
        ? `BROKEN as it is: ${fate.by.join(", ")}`
        : `NOT KILLED for what it breaks; found: ${fate.by.join(", ")}`;
    case "survived":
      return isUnchanged ? "passes, as it must" : "SURVIVED";
    case "undecided":
      return `UNDECIDED: ${fate.why}`;
  }
}

/** The last line. */
export function tellSummary(results: readonly { readonly mutant: Mutant; readonly fate: Fate }[]): string {
  const tried = results.filter(({ mutant }) => mutant.edits.length > 0);
  const killed = tried.filter(({ fate }) => fate.kind === "killed").length;
  const controls = results.filter(({ mutant }) => mutant.edits.length === 0);
  const sound = controls.filter(({ fate }) => fate.kind === "survived").length;
  return `${killed} of ${tried.length} mutants killed; the service as it is passes ${sound} of ${controls.length} runs.\n`;
}
