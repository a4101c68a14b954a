import { BenchError } from "../bench-error.ts";
import { askAnew } from "./ask-anew.ts";
import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { type Figure, judge } from "./figures.ts";
import { waitUntil } from "./wait-until.ts";
import { type Sale, withSale } from "./with-sale.ts";

const workerCount = 2;
const connections = 16;
const lightLoadRps = 200;
const lookEveryMs = 10;
const limitMs = 15_000;
const counts = { kills: 50, killsOfAll: 10, stops: 3 };
const smokeCounts = { kills: 2, killsOfAll: 1, stops: 1 };

/** In milliseconds; infinite when it took too long. */
interface Replacements {
  /** From a kill -9 of one worker until there are as many ready ones as before. */
  readonly readyMs: number[];
  /** From the same kill until as many requests on new connections have been answered as there are workers. */
  readonly servingMs: number[];
  /** From a kill -9 of all workers until a buyer has an answer. */
  readonly answerMs: number[];
  /** From a SIGSTOP of one worker until another is ready in its place. */
  readonly hungMs: number[];
}

/** Kills, and stops, workers of a service that sells, and measures how soon others are there. */
export async function measureReplacement(bench: ClusterBench): Promise<PartResult> {
  const settings = { workersMin: workerCount, workersMax: workerCount };
  const { found, buyers, audit } = await withSale(bench, settings, connections, async (sale) => {
    sale.buyers.setRate(lightLoadRps);
    await waitUntilComplete(sale, bench.signal);
    return replaceAgainAndAgain(sale, bench);
  });
  return {
    figures: [
      ...judgeReplacements(found),
      judge(
        {
          name: "hanging",
          what: "requests that were neither answered nor broken off within 10 s of their sending",
          unit: "",
          goal: { atMost: 0 },
        },
        [buyers.hanging],
        "sum",
      ),
    ],
    audits: [audit],
    notes: [
      `Replacement: ${buyers.answered.toLocaleString("en")} buyers got an answer, ${buyers.unanswered} did not.`,
      ...Object.entries(buyers.failures).map(
        ([reason, count]) => `Replacement: ${count} requests had to be sent again: ${reason}.`,
      ),
    ],
  };
}

async function replaceAgainAndAgain(
  sale: Sale,
  { options, signal, log }: ClusterBench,
): Promise<Replacements> {
  const { kills, killsOfAll, stops } = options.smoke ? smokeCounts : counts;
  const found: Replacements = { readyMs: [], servingMs: [], answerMs: [], hungMs: [] };
  for (let run = 0; run < kills; run += 1) {
    const { readyMs, servingMs } = await killOne(sale, signal);
    found.readyMs.push(readyMs);
    found.servingMs.push(servingMs);
  }
  log(`killed one worker ${kills} times`);
  for (let run = 0; run < killsOfAll; run += 1) {
    found.answerMs.push(await killAll(sale));
    await waitUntilComplete(sale, signal);
  }
  log(`killed all workers ${killsOfAll} times`);
  for (let run = 0; run < stops; run += 1) found.hungMs.push(await stopOne(sale, signal));
  log(`stopped one worker ${stops} times`);
  return found;
}

async function waitUntilComplete({ operations }: Sale, signal: AbortSignal): Promise<void> {
  const isComplete = async () => (await operations.readyWorkers()).length === workerCount;
  if ((await waitUntil(isComplete, { everyMs: lookEveryMs, limitMs, signal })) === null)
    throw new BenchError(`There were no ${workerCount} ready workers within ${limitMs / 1000} s.`);
}

async function killOne(
  { operations, service }: Sale,
  signal: AbortSignal,
): Promise<{ readyMs: number; servingMs: number }> {
  const before = await operations.readyWorkers();
  const sinceMs = performance.now();
  send(before[0]?.pid, "SIGKILL");
  const look = async () => {
    const workers = await operations.readyWorkers();
    const isReplaced = workers.length === workerCount && !workers.some(({ pid }) => pid === before[0]?.pid);
    return isReplaced && performance.now() - sinceMs;
  };
  const readyMs = await waitUntil(look, { everyMs: lookEveryMs, limitMs, signal });
  if (readyMs === null) return { readyMs: Number.POSITIVE_INFINITY, servingMs: Number.POSITIVE_INFINITY };
  // Open connections stay with the worker that is left. New ones go to all workers in turn, so one of these is its.
  const answers: boolean[] = [];
  for (let asked = 0; asked < workerCount; asked += 1) answers.push(await askAnew(service.port));
  const isServing = answers.every((isAnswered) => isAnswered);
  return { readyMs, servingMs: isServing ? performance.now() - sinceMs : Number.POSITIVE_INFINITY };
}

async function killAll({ operations, buyers }: Sale): Promise<number> {
  for (const { pid } of await operations.readyWorkers()) send(pid, "SIGKILL");
  return (await buyers.timeNextAnswer(limitMs)) ?? Number.POSITIVE_INFINITY;
}

async function stopOne({ operations }: Sale, signal: AbortSignal): Promise<number> {
  const [stopped] = await operations.readyWorkers();
  const sinceMs = performance.now();
  send(stopped?.pid, "SIGSTOP");
  const look = async () => {
    const workers = await operations.readyWorkers();
    const isReplaced = workers.length === workerCount && !workers.some(({ pid }) => pid === stopped?.pid);
    return isReplaced && performance.now() - sinceMs;
  };
  const replacedMs = await waitUntil(look, { everyMs: lookEveryMs, limitMs, signal }).finally(() => {
    // Nobody else may be there to end it when the run is stopped.
    if (signal.aborted) send(stopped?.pid, "SIGKILL");
  });
  return replacedMs ?? Number.POSITIVE_INFINITY;
}

/** Signals a worker. One that is already gone needs no signal. */
function send(pid: number | undefined, signal: "SIGKILL" | "SIGSTOP"): void {
  if (pid === undefined || pid <= 1) throw new BenchError("There is no ready worker to stop.");
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in this very moment.
  }
}

function judgeReplacements({ readyMs, servingMs, answerMs, hungMs }: Replacements): Figure[] {
  const killed = "milliseconds from kill -9 of a worker";
  const shown = { name: "", unit: "ms", goal: null } as const;
  return [
    judge(
      {
        name: "replacement",
        what: `${killed} until another serves, p99`,
        unit: "ms",
        goal: { atMost: 1_000 },
      },
      servingMs,
      "p99",
    ),
    judge({ ...shown, what: `${killed} until another serves, median` }, servingMs, "median"),
    judge({ ...shown, what: `${killed} until another is ready, p99` }, readyMs, "p99"),
    judge({ ...shown, what: `${killed} until another is ready, median` }, readyMs, "median"),
    judge(
      {
        name: "all killed",
        what: "milliseconds from kill -9 of all workers to an answer, the worst",
        unit: "ms",
        goal: { atMost: 2_000 },
      },
      answerMs,
      "worst",
    ),
    judge(
      {
        name: "hung",
        what: "milliseconds from SIGSTOP of a worker until another is ready, the worst",
        unit: "ms",
        goal: { atMost: 5_000 },
      },
      hungMs,
      "worst",
    ),
  ];
}
