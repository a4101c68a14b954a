import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { invariants } from "../model/verdict.ts";
import type { ProjectCopy } from "./build-mutant.ts";
import type { Mutant } from "./mutant.ts";

/** What came of a mutant: only one that was found out for the promise that it breaks is killed. */
export type Fate =
  | { readonly kind: "killed"; readonly by: readonly string[] }
  /** Broken promises, but none of those that the mistake breaks; what exactly was found is told of some. */
  | { readonly kind: "astray"; readonly by: readonly string[]; readonly found: readonly string[] }
  | { readonly kind: "survived" }
  /** The run said nothing. */
  | { readonly kind: "undecided"; readonly why: string };

const exitCodes = { pass: 0, broken: 3 } as const;
/** Calls a second, as usual. */
const rate = "250";
/** Starting, ending and judging, on top of the seconds of the run itself. */
const aroundMs = 120_000;

const reportSchema = z.looseObject({
  counts: z.partialRecord(z.enum(invariants), z.number()),
  vacuous: z.array(z.string()),
  stages: z.array(
    z.looseObject({
      findings: z.array(z.string()),
      breaches: z.array(z.looseObject({ message: z.string() })),
    }),
  ),
});
/** Of what a run found. */
const toldMax = 3;

/** Runs a scenario in a copy of the project. @returns what the run said of it, and how it ended */
export async function runMutant(
  { folder }: ProjectCopy,
  mutant: Pick<Mutant, "scenario" | "seconds" | "breaks">,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<Fate> {
  const report = join(folder, "verdict.json");
  // Kept when a promise was broken, which is what is wanted here: it goes with the copy.
  const files = ["--json", report, "--history", join(folder, "history.jsonl")];
  const flags = [
    "--scenario",
    mutant.scenario,
    "--seconds",
    String(mutant.seconds),
    "--rate",
    rate,
    "--seed",
    String(seed),
  ];
  const child = spawn(
    process.execPath,
    // As npm would: with the code that is compiled already, and no longer than this process lives.
    [join(folder, "scripts/run-target.mjs"), join(folder, "chaos/main.ts"), ...flags, ...files],
    // The whole output is of interest only when the run says nothing.
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: process.env },
  );
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => (complaints = (complaints + String(text)).slice(-2_000)));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(mutant.seconds * 1000 + aroundMs)]);
  const end = () => void child.kill("SIGINT");
  limit.addEventListener("abort", end);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (limit.aborted) return { kind: "undecided", why: "it did not end in time" };
    return await judge(code, report, mutant.breaks, complaints);
  } finally {
    limit.removeEventListener("abort", end);
  }
}

async function judge(
  code: number | null,
  reportFile: string,
  breaks: Mutant["breaks"],
  complaints: string,
): Promise<Fate> {
  if (code === exitCodes.pass) return { kind: "survived" };
  // A run that could not take place writes no report.
  const text = await readFile(reportFile, "utf8").catch(() => null);
  if (text === null) return { kind: "undecided", why: lastLineOf(complaints) ?? `exit ${code}` };
  const { counts, vacuous, stages } = reportSchema.parse(JSON.parse(text));
  if (code !== exitCodes.broken) return { kind: "undecided", why: vacuous.join(" ") || `exit ${code}` };
  const by = invariants.filter((invariant) => (counts[invariant] ?? 0) > 0);
  const isMeant = breaks.some((invariant) => by.includes(invariant));
  if (isMeant) return { kind: "killed", by };
  const found = stages.flatMap(({ findings, breaches }) => [
    ...findings,
    ...breaches.map(({ message }) => message),
  ]);
  return { kind: "astray", by, found: found.slice(0, toldMax) };
}

function lastLineOf(text: string): string | undefined {
  return text.trim().split("\n").at(-1);
}
