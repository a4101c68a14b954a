import { access, constants, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { styleText } from "node:util";
import { ChaosError } from "./chaos-error.ts";
import { readStrikes } from "./kill-points/pair-strikes.ts";
import { exitCode, exitCodeOf } from "./report/exit-codes.ts";
import { type Colours, tellVerdict } from "./report/print-verdict.ts";
import { type Progress, showProgress } from "./report/show-progress.ts";
import { writeResult } from "./report/write-result.ts";
import { HelpShown, type Options, readOptions, UsageError } from "./run/read-options.ts";
import { realParts } from "./run/real-parts.ts";
import { historyPathsOf, type RunResult, runScenario } from "./run/run-scenario.ts";

const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);

async function main(): Promise<number> {
  // Whoever read the output may leave before its end; the run goes on all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const options = readOptions(process.argv.slice(2));
  await requireWritable("--json", options.jsonFile);
  await requireWritable("--history", options.historyFile);
  const earlierStrikes = options.continuedFile === null ? [] : await readStrikes(options.continuedFile);
  const historyPath =
    options.historyFile ??
    join(tmpdir(), `holdfast-chaos-${options.scenario.name}-${options.seed}-${process.pid}.jsonl`);
  const progress = showProgress(process.stderr, options.seconds, process.env);
  const { stopping, givingUp } = stopOnSignals(progress);
  tell(`Scenario ${options.scenario.name}, ${options.seconds} s, seed ${options.seed}.`);
  const { scenario, seconds, seed, rate } = options;
  const result = await runScenario({
    scenario,
    seconds,
    seed,
    rate,
    historyPath,
    parts: realParts,
    earlierStrikes,
    stopping,
    signal: givingUp,
    onProgress: (each) => progress.update(each),
  })
    .catch(async (error: unknown) => {
      if (!options.keep && options.historyFile === null)
        for (const path of historyPathsOf(scenario, historyPath)) await rm(path, { force: true });
      throw error;
    })
    .finally(() => progress.stop());
  const kept = await keepHistories(result, options);
  process.stdout.write(`${tellVerdict(result, kept, colours()).join("\n")}\n`);
  if (options.jsonFile !== null) await writeResult(options.jsonFile, result, kept);
  return exitCodeOf(result.verdict);
}

/** The first signal goes on to the judgement; the same one again gives up, and a third ends at once. */
function stopOnSignals(progress: Progress): {
  readonly stopping: AbortSignal;
  readonly givingUp: AbortSignal;
} {
  const [stopping, givingUp] = [new AbortController(), new AbortController()];
  const onSignal = () => {
    if (givingUp.signal.aborted) process.exit(exitCode.error);
    if (stopping.signal.aborted) {
      progress.say("Giving up: ending everything that was started.");
      givingUp.abort(new ChaosError("The run was given up."));
      return;
    }
    progress.say("No more faults; judging what has happened so far. Once more gives up.");
    stopping.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { stopping: stopping.signal, givingUp: givingUp.signal };
}

async function requireWritable(flag: string, path: string | null): Promise<void> {
  if (path === null) return;
  try {
    await access(dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(`${flag} must be a file that can be written, not "${path}".`);
  }
}

/** A history is worth its space when something is to be looked up in it. @returns those that stay */
async function keepHistories(
  { stages, verdict }: RunResult,
  { keep, historyFile }: Options,
): Promise<readonly string[]> {
  const paths = stages.map(({ historyPath }) => historyPath);
  if (keep || historyFile !== null || verdict === "broken") {
    for (const { historyPath, logTail } of stages) await writeFile(`${historyPath}.log`, logTail);
    return paths;
  }
  for (const path of paths) await rm(path, { force: true });
  return [];
}

/** Colours appear on a terminal only, and not where NO_COLOR is set. */
function colours(): Colours {
  const style = (format: "green" | "red") => (text: string) =>
    styleText(format, text, { stream: process.stdout });
  return { good: style("green"), bad: style("red") };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof HelpShown) process.exitCode = exitCode.ok;
  else if (error instanceof UsageError) {
    tell(error.message);
    process.exitCode = exitCode.usage;
  } else {
    tell(error instanceof ChaosError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = exitCode.error;
  }
}
