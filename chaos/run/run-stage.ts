import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { pause } from "../faults/pause.ts";
import type { PairStrikes } from "../kill-points/pair-strikes.ts";
import { openPointController } from "../kill-points/open-point-controller.ts";
import type { AttackContext, Stage } from "../scenarios/scenario.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { UndoList } from "../system/undo-list.ts";
import type { Workload } from "../workload/workload.ts";
import { attackByPlan } from "./attack-by-plan.ts";
import { FaultBook } from "./fault-book.ts";
import { type FaultTally, TalliedRecorder } from "./fault-tally.ts";
import type { Judged, RunParts } from "./run-parts.ts";
import { startSampler } from "./take-samples.ts";

/** The end of a stage is without faults: everybody must get an answer then. */
const quietMaxMs = 30_000;
const quietShare = 0.1;
/** What a short stage may take beyond its time, so that every kind of its faults comes once. */
const overtimeMaxMs = 60_000;
const finishMaxMs = 30_000;
const watchEveryMs = 250;
/** A run from this length on has time for faults that last. */
const longRunMs = 600_000;
/** So many breaches are enough to stop a run: what follows only repeats them. */
const liveBreachesMax = 50;

export interface StageTask {
  readonly stage: Stage;
  readonly run: string;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly durationMs: number;
  readonly rate: number;
  readonly historyPath: string;
  readonly parts: RunParts;
  readonly tally: FaultTally;
  readonly earlierStrikes: readonly PairStrikes[];
  /** Ends the stage early: what has happened by then is judged all the same. */
  readonly stopping: AbortSignal;
  /** Gives the stage up at once. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StageProgress) => void;
}

/** How far a stage is. */
export interface StageProgress {
  readonly stage: string;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly inFlight: number;
  readonly breaches: number;
  readonly words: string;
}

/** What a stage has shown. */
export interface StageResult {
  readonly stage: string;
  readonly historyPath: string;
  readonly judged: Judged;
  /** Promises of rows of the table of faults that were broken. */
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  /** Of a sweep, with those that it continues; nothing where none was made. */
  readonly strikes: readonly PairStrikes[];
  readonly samples: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly unsettled: number;
  readonly logTail: string;
}

/**
 * Starts a system, lets clients loose on it, attacks it, lets it come to rest, and judges what the clients were told.
 * Everything that was started is gone afterwards.
 *
 * @throws ChaosError when the system does not start, and the signal's reason when it aborts
 */
export async function runStage(task: StageTask): Promise<StageResult> {
  const undo = new UndoList();
  try {
    return await runParts(task, undo);
  } finally {
    await undo.all();
  }
}

async function runParts(task: StageTask, undo: UndoList): Promise<StageResult> {
  const { stage, run, seed, random, rate, parts, tally, signal, durationMs } = task;
  const points = await openPointController();
  undo.add(() => points.close());
  const { topology, hasSmallDisk = false } = stage;
  const system = await parts.startSystem({ topology, hasSmallDisk, points, signal });
  undo.add(() => system.close());
  await rm(task.historyPath, { force: true });
  const recorder = new TalliedRecorder(task.historyPath, { run, seed }, tally, stage.name);
  undo.add(async () => recorder.close());
  const [forWorkload, forFaults] = [random.fork(), random.fork()];
  const { url, adminKey, dataDir } = system;
  const options = { dataDir, ...stage.workload };
  // Ended by its own end, or with everything: never by the end of the faults.
  const ending = new AbortController();
  undo.add(async () => ending.abort());
  const workload = await parts.startWorkload({
    url,
    adminKey,
    recorder,
    random: forWorkload,
    rate,
    signal: AbortSignal.any([signal, ending.signal]),
    options,
  });
  const check = parts.makeLiveCheck();
  const stopping = new AbortController();
  let breaches = 0;
  const sampler = startSampler(system.judgeUrl, recorder, (entry) => {
    breaches += check(entry).length;
    if (breaches >= liveBreachesMax) stopping.abort();
  });
  undo.add(() => sampler.stop());
  const watch = watchProgress(task, workload, () => breaches);
  undo.add(async () => watch.stop());

  const book = new FaultBook({
    recorder,
    system,
    workload,
    usualRate: rate,
    isLongRun: durationMs >= longRunMs,
    onMeasured: (fault, recoveryMs) => tally.measure(stage.name, fault, recoveryMs),
  });
  const quietMs = Math.round(Math.min(quietMaxMs, durationMs * quietShare));
  const attackMs = Math.round(durationMs) - quietMs;
  watch.say("attacking");
  const { notes, strikes } = await attack(task, attackMs, stopping.signal, {
    system,
    workload,
    recorder,
    random: forFaults,
    book,
  });
  signal.throwIfAborted();
  watch.say("coming to rest");
  await pause(quietMs, AbortSignal.any([task.stopping, stopping.signal, signal]));
  book.tellSkipped(stage.kinds);
  const unsettled = await workload.finish(finishMaxMs);
  await sampler.stop();
  watch.say("judging");
  const { acknowledged, unknown } = workload;
  const judged = await parts.judge({
    historyPath: task.historyPath,
    judgeUrl: system.judgeUrl,
    stage,
    signal,
  });
  return {
    stage: stage.name,
    historyPath: task.historyPath,
    judged,
    findings: book.findings,
    notes: [...notes, ...book.notes],
    strikes,
    samples: sampler.taken,
    acknowledged,
    unknown,
    unsettled,
    logTail: system.logTail(),
  };
}

/** What an attack has told. */
type AttackReport = Pick<StageResult, "notes" | "strikes">;

/** Attacks until the time is over, or until somebody has seen enough. */
async function attack(
  { stage, earlierStrikes, stopping, signal }: StageTask,
  durationMs: number,
  hasSeenEnough: AbortSignal,
  {
    book,
    ...parts
  }: Pick<AttackContext, "system" | "workload" | "recorder" | "random"> & {
    readonly book: FaultBook;
  },
): Promise<AttackReport> {
  const notes: string[] = [];
  let strikes: readonly PairStrikes[] = [];
  const timeIsOver = AbortSignal.timeout(durationMs);
  const overtimeIsOver = AbortSignal.timeout(durationMs + overtimeMaxMs);
  const isOver = AbortSignal.any([stopping, hasSeenEnough, signal, overtimeIsOver]);
  const attackStage = stage.attack ?? ((context: AttackContext) => attackByPlan(stage, context));
  await attackStage({
    ...parts,
    durationMs,
    timeIsOver,
    signal: isOver,
    inject: (fault, random) => book.inject(fault, random, isOver),
    takeNumber: () => book.takeNumber(),
    note: (line) => notes.push(line),
    earlierStrikes,
    noteStrikes: (noted) => (strikes = noted),
  });
  return { notes, strikes };
}

function watchProgress(
  { stage, onProgress }: StageTask,
  workload: Workload,
  countBreaches: () => number,
): { readonly say: (words: string) => void; readonly stop: () => void } {
  const stopping = new AbortController();
  let words = "";
  const tell = () => {
    const { acknowledged, unknown, inFlight } = workload;
    onProgress({ stage: stage.name, acknowledged, unknown, inFlight, breaches: countBreaches(), words });
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      tell();
      await wait(watchEveryMs, null, { signal: stopping.signal }).catch(() => {});
    }
  };
  void run();
  return {
    say: (next) => {
      words = next;
      tell();
    },
    stop: () => stopping.abort(),
  };
}
