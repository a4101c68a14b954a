import { writeFile } from "node:fs/promises";
import { formatSummary } from "./format-summary.ts";
import { helpText, type Options, readOptions } from "./read-options.ts";
import { RunError, UsageError } from "./run-error.ts";
import { runRequests } from "./run-requests.ts";

const exitCode = { ok: 0, error: 1, usage: 2, broken: 3 } as const;

const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);

async function main(options: Options): Promise<number> {
  const stopping = new AbortController();
  stopOnSignals(stopping);
  const summary = await runRequests(options, stopping.signal, tell);
  process.stdout.write(formatSummary(summary));
  if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(summary, null, 2)}\n`);
  if (summary.verdict !== "pass") return exitCode.broken;
  if (!stopping.signal.aborted) return exitCode.ok;
  tell("The run was stopped before its end, so nothing is proved.");
  return exitCode.error;
}

/** The first signal sends no more requests, and judges what there is; the same one again ends at once. */
function stopOnSignals(stopping: AbortController): void {
  let first: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === first) process.exit(exitCode.error);
    // Another kind of signal is the same wish arriving by another way.
    if (first !== null) return;
    first = signal;
    tell("Sending no more requests. Once more ends at once.");
    stopping.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(helpText);
  else process.exitCode = await main(options);
} catch (error) {
  if (error instanceof UsageError) {
    tell(error.message);
    process.exitCode = exitCode.usage;
  } else if (error instanceof RunError || (error instanceof Error && error.name === "AbortError")) {
    tell(error instanceof RunError ? error.message : "Stopped before anything was sent.");
    process.exitCode = exitCode.error;
  } else {
    tell(String(error instanceof Error ? error.stack : error));
    process.exitCode = exitCode.error;
  }
}
