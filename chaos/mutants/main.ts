import { resolve } from "node:path";
import { ChaosError } from "../chaos-error.ts";
import { buildMutant } from "./build-mutant.ts";
import { findFate } from "./find-fate.ts";
import { mutants } from "./list-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { readMatrixOptions, usage } from "./read-matrix-options.ts";
import { type Fate, runMutant } from "./run-mutant.ts";
import { tellFate, tellSummary } from "./tell-matrix.ts";

const project = resolve(import.meta.dirname, "../..");
const exitCode = { ok: 0, error: 1, usage: 2, survivors: 3 } as const;

interface Result {
  readonly mutant: Mutant;
  readonly fate: Fate;
}

/** The service as it is, in every scenario that a mutant is held against: otherwise a kill would say nothing. */
function controlsFor(chosen: readonly Mutant[]): Mutant[] {
  const longest = new Map<string, Mutant>();
  for (const mutant of chosen) {
    const known = longest.get(mutant.scenario);
    if (known === undefined || known.seconds < mutant.seconds) longest.set(mutant.scenario, mutant);
  }
  return [...longest.values()].map(({ scenario, seconds }) => ({
    name: `unchanged-${scenario}`,
    mistake: "none: the service as it is",
    edits: [],
    scenario,
    seconds,
    breaks: [],
  }));
}

async function main(): Promise<number> {
  const { only, seed, atOnce, list } = readMatrixOptions(process.argv.slice(2), mutants);
  if (list) {
    for (const { name, mistake, scenario } of mutants)
      process.stdout.write(`${name}  ${mistake} (${scenario})\n`);
    return exitCode.ok;
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const chosen = only === null ? mutants : mutants.filter(({ name }) => only.includes(name));
  const waiting = [...controlsFor(chosen), ...chosen];
  process.stdout.write(
    `${chosen.length} mutants, and the service as it is for comparison; seed ${seed}, ${atOnce} at once.\n`,
  );
  const results: Result[] = [];
  const takeOne = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      if (stopping.signal.aborted) return;
      const copy = await buildMutant(project, mutant);
      try {
        const { signal } = stopping;
        const run = (index: number) => runMutant(copy, mutant, { seed: seed + index, signal });
        const { fate, runs } = await findFate(mutant.edits.length > 0, run, signal);
        results.push({ mutant, fate });
        process.stdout.write(tellFate(mutant, fate, runs));
      } finally {
        await copy.remove();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeOne));
  if (stopping.signal.aborted) return exitCode.error;
  process.stdout.write(tellSummary(results));
  return results.every(isAsItMustBe) ? exitCode.ok : exitCode.survivors;
}

/** A mutant is killed, and the service as it is survives. */
function isAsItMustBe({ mutant, fate }: Result): boolean {
  return fate.kind === (mutant.edits.length === 0 ? "survived" : "killed");
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ChaosError)) throw error;
  process.stderr.write(`${error.message}\n${error.cause === "usage" ? `\n${usage}\n` : ""}`);
  process.exitCode = error.cause === "usage" ? exitCode.usage : exitCode.error;
}
