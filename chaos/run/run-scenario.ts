import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { PairStrikes } from "../kill-points/pair-strikes.ts";
import { invariants, type Invariant, type Verdict } from "../model/verdict.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { SeededRandom } from "../seeded-random.ts";
import { FaultTally, type KindFigures } from "./fault-tally.ts";
import type { RunParts } from "./run-parts.ts";
import { runStage, type StageProgress, type StageResult } from "./run-stage.ts";

const runProgram = promisify(execFile);
const projectFolder = resolve(import.meta.dirname, "../..");
const gitMaxMs = 2_000;

export interface RunTask {
  readonly scenario: Scenario;
  readonly seconds: number;
  readonly seed: number;
  readonly rate: number;
  /** Of the first stage; those of later ones get the stage's name. */
  readonly historyPath: string;
  readonly parts: RunParts;
  /** What the sweeps have struck that this run continues. */
  readonly earlierStrikes?: readonly PairStrikes[];
  /** Goes straight to the judgement. */
  readonly stopping: AbortSignal;
  /** Gives everything up. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
}

/** How far a run is. */
export interface RunProgress extends StageProgress {
  readonly elapsedMs: number;
  readonly faults: number;
  readonly lastFault: string;
}

/** What a run has shown, of all its stages. */
export interface RunResult {
  readonly run: string;
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
  readonly rate: number;
  /** What the sources were; null where that is not known. */
  readonly commit: string | null;
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Invariant, number>>;
  /** What the run did not show. */
  readonly vacuous: readonly string[];
  readonly faults: readonly KindFigures[];
  readonly stages: readonly StageResult[];
  readonly elapsedMs: number;
}

/**
 * Runs the stages of a scenario one after another. A broken promise ends the run after its stage.
 *
 * @throws ChaosError when a system does not start, and the signal's reason when it aborts
 */
export async function runScenario(task: RunTask): Promise<RunResult> {
  const { scenario, seed, seconds, rate, parts, stopping, signal } = task;
  const beganAtMs = performance.now();
  const elapsedMs = () => performance.now() - beganAtMs;
  const random = new SeededRandom(seed);
  const tally = new FaultTally();
  const run = randomUUID();
  const stages: StageResult[] = [];
  for (const [index, stage] of scenario.stages.entries()) {
    const forStage = random.fork();
    if (stopping.aborted || stages.some(isBroken)) break;
    stages.push(
      await runStage({
        stage,
        run,
        seed,
        random: forStage,
        durationMs: seconds * 1_000 * stage.share,
        rate,
        historyPath: historyPathOf(task.historyPath, index, stage.name),
        parts,
        tally,
        earlierStrikes: task.earlierStrikes ?? [],
        stopping,
        signal,
        onProgress: (progress) =>
          task.onProgress({
            ...progress,
            elapsedMs: elapsedMs(),
            faults: tally.done,
            lastFault: tally.lastDetail,
          }),
      }),
    );
  }
  const skipped = scenario.stages.length - stages.length;
  const vacuous = [
    ...stages.flatMap(tellVacuous),
    ...(skipped > 0 ? [`The run ended before the last ${skipped} of ${scenario.stages.length} stages.`] : []),
  ];
  return {
    run,
    scenario: scenario.name,
    seed,
    seconds,
    rate,
    commit: await readCommit(),
    verdict: stages.some(isBroken) ? "broken" : vacuous.length > 0 ? "unknown" : "pass",
    counts: sumCounts(stages),
    vacuous,
    faults: tally.figures(),
    stages,
    elapsedMs: elapsedMs(),
  };
}

/** Whether a promise was broken: of the service, or of a row of the table of faults. */
function isBroken({ judged, findings }: StageResult): boolean {
  return findings.length > 0 || Object.values(judged.judgement.counts).some((count) => count > 0);
}

/** What a stage did not show. */
function tellVacuous({ stage, judged }: StageResult): string[] {
  return judged.judgement.vacuous.map((sentence) => `${stage}: ${sentence}`);
}

function sumCounts(stages: readonly StageResult[]): Record<Invariant, number> {
  const sum = (invariant: Invariant) =>
    stages.reduce((total, { judged }) => total + judged.judgement.counts[invariant], 0);
  return Object.fromEntries(invariants.map((invariant) => [invariant, sum(invariant)])) as Record<
    Invariant,
    number
  >;
}

/** Where the histories of a run are, or would be, a file for each stage. */
export function historyPathsOf({ stages }: Scenario, path: string): string[] {
  return stages.map(({ name }, index) => historyPathOf(path, index, name));
}

function historyPathOf(path: string, index: number, stage: string): string {
  return index === 0 ? path : `${path.replace(/\.jsonl$/, "")}.${stage}.jsonl`;
}

async function readCommit(): Promise<string | null> {
  try {
    const options = { cwd: projectFolder, timeout: gitMaxMs };
    const { stdout: commit } = await runProgram("git", ["rev-parse", "--short=12", "HEAD"], options);
    const { stdout: changes } = await runProgram("git", ["status", "--porcelain"], options);
    return commit.trim() + (changes.trim() === "" ? "" : " with changes");
  } catch {
    // An unpacked archive has none.
    return null;
  }
}
