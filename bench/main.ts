import { writeFile } from "node:fs/promises";
import { armCatalog } from "./arms/arm-catalog.ts";
import { ArmServers } from "./arms/arm-servers.ts";
import { BenchError } from "./bench-error.ts";
import { measureBackground } from "./background/measure-background.ts";
import { type ClusterReport, formatClusterReport, runCluster } from "./cluster/run-cluster.ts";
import { BenchDatabases } from "./database/bench-databases.ts";
import { openDatabaseServer } from "./database/open-server.ts";
import { LoadGenerator } from "./load-generator.ts";
import type { Bench } from "./measure-arm.ts";
import { helpText, type Options, parseOptions, UsageError } from "./parse-options.ts";
import { measureOverload } from "./overload/measure-overload.ts";
import { measurePages } from "./pages/measure-pages.ts";
import { judgeRatios } from "./report/judge-ratios.ts";
import { formatReport, type Report } from "./report/print-table.ts";
import { type Machine, readMachine } from "./report/read-machine.ts";
import { runRounds } from "./run-rounds.ts";
import { measureStreams } from "./streams/measure-streams.ts";

const exitCode = { ok: 0, error: 1, usage: 2, auditFailed: 3, goalMissed: 99 } as const;

/** Things to undo at the end, the latest first. */
type Undo = () => Promise<void>;

const log = (message: string) => {
  process.stderr.write(`${message}\n`);
};

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText);
    return exitCode.ok;
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(exitCode.error);
      log("Stopping and dropping the databases. Once more stops at once and leaves them.");
      stopping.abort(new BenchError("The run was stopped before its end."));
    });
  }
  const undo: Undo[] = [];
  try {
    const { machine, bench } = await openBench(options, undo, stopping.signal);
    const report = await measure(machine, bench);
    process.stdout.write("arms" in report ? formatReport(report) : formatClusterReport(report));
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    return judge(report);
  } finally {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
      await last().catch((error: unknown) => log(`The bench did not clean up: ${messageOf(error)}`));
    }
  }
}

async function measure(machine: Machine, bench: Bench): Promise<Report | ClusterReport> {
  const { options } = bench;
  if (options.cluster) return { machine, options, ...(await runCluster({ ...bench, log })) };
  if (options.pages) return { machine, options, ...(await measurePages({ ...bench, log })) };
  if (options.background) return { machine, options, ...(await measureBackground({ ...bench, log })) };
  if (options.overload) return { machine, options, ...(await measureOverload({ ...bench, log })) };
  if (options.streams) return { machine, options, ...(await measureStreams({ ...bench, log })) };
  return runArms(machine, bench);
}

async function openBench(
  options: Options,
  undo: Undo[],
  signal: AbortSignal,
): Promise<{ machine: Machine; bench: Bench }> {
  const server = await openDatabaseServer(process.env.DATABASE_URL, log, signal);
  undo.push(() => server.stop());
  const databases = await BenchDatabases.open(server.connectionString);
  undo.push(() => databases.close());
  const machine = await readMachine(databases.server, server.origin);
  const servers = new ArmServers(databases);
  undo.push(() => servers.stop());
  const load = new LoadGenerator();
  undo.push(() => load.stop());
  return { machine, bench: { options, databases, servers, load, signal, historyEventId: null } };
}

async function runArms(machine: Machine, bench: Bench): Promise<Report> {
  const { options } = bench;
  const arms = armCatalog.filter((arm) => options.arms.includes(arm.name));
  const rounds = await runRounds(bench, arms, log);
  return { machine, options, arms, rounds, ratios: judgeRatios(rounds) };
}

function judge(report: Report | ClusterReport): number {
  const audits = "arms" in report ? report.rounds.flat().map(({ audit }) => audit) : report.audits;
  if (audits.some(({ passed }) => !passed)) {
    log("An audit failed: the service and its database disagree. Its violations are shown above.");
    return exitCode.auditFailed;
  }
  const missed = ("arms" in report ? report.ratios : report.figures).filter(({ met }) => met === false);
  if (report.options.smoke || missed.length === 0) return exitCode.ok;
  log(`Missed: ${missed.map(({ name, what }) => (name === "" ? what : name)).join(", ")}.`);
  return exitCode.goalMissed;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) {
    log(`${error.message}\nnpm run bench -- --help shows what there is.`);
    process.exitCode = exitCode.usage;
  } else {
    log(error instanceof BenchError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = exitCode.error;
  }
}
