import { setTimeout as wait } from "node:timers/promises";
import type { FaultKind } from "../history/history-entry.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import type { Workload } from "../workload/workload.ts";
import { choosePairs, type Pair, type PointRate, ratesOf, type SweptVictim } from "./choose-pairs.ts";
import type { PointName, Strike } from "./point-controller.ts";
import { type SweepReport, SweepTally } from "./sweep-report.ts";

export interface SweepOptions {
  readonly system: Pick<SystemUnderTest, "points" | "postmasterPid" | "workerPids">;
  readonly workload: Pick<Workload, "inFlight" | "nextAcknowledgement">;
  readonly recorder: Pick<HistoryRecorder, "nowMs" | "record">;
  readonly random: SeededRandom;
  /** Ends the sweep at once, with what it has. */
  readonly signal: AbortSignal;
  /** How often each pair of point and victim is to be struck. */
  readonly strikesEach: number;
  /** No strike begins after this. */
  readonly durationMs: number;
  /** @returns the number of another fault of the run */
  readonly nextFault: () => number;
  /** What keeps a point from being too rare; for all workers together. */
  readonly perSecondMin?: number;
}

const learnMaxMs = 15_000;
const learnShare = 0.15;
/** Rarer ones would make the sweep wait more than it strikes. */
const defaultPerSecondMin = 0.2;
const passageMax = 10;
const strikeMinMs = 2_000;
const strikeMaxMs = 20_000;
const recoveryMaxMs = 30_000;
const calmMaxMs = 15_000;
const lookEveryMs = 25;

const kinds: Readonly<Record<SweptVictim, FaultKind>> = {
  worker: "worker_kill",
  backend: "backend_kill",
  postmaster: "postmaster_kill",
};

/**
 * Kills worker, backend and postmaster at every point that the workload passes, each pair once and then each pair again,
 * until all were struck often enough or the time is over. Each strike waits until the system has recovered from the last.
 */
export async function sweepPoints(options: SweepOptions): Promise<SweepReport> {
  const sweep = new Sweep(options);
  try {
    await sweep.run();
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
  return sweep.report();
}

class Sweep {
  readonly #options: SweepOptions;
  readonly #tally = new SweepTally();
  readonly #beganAtMs: number;
  /** By name: how often each point is passed. */
  #rates: readonly PointRate[] = [];
  #workers = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#beganAtMs = options.recorder.nowMs();
  }

  async run(): Promise<void> {
    const {
      system,
      random,
      strikesEach,
      durationMs,
      signal,
      perSecondMin = defaultPerSecondMin,
    } = this.#options;
    const before = await system.points.seen();
    await wait(Math.min(learnMaxMs, durationMs * learnShare), null, { signal });
    this.#workers = (await system.workerPids()).length;
    // Whoever never comes to a point would be waited for in every round.
    for (let round = 0; round < strikesEach * 2; round += 1) {
      this.#rates = ratesOf(before, await system.points.seen(), this.#elapsedMs());
      const pairs = choosePairs(this.#rates, perSecondMin, random);
      const open = pairs.filter((pair) => this.#tally.of(pair).strikes < strikesEach);
      if (open.length === 0) return;
      for (const pair of open) {
        if (this.#elapsedMs() >= durationMs) return;
        await this.#strike(pair);
      }
    }
  }

  report(): SweepReport {
    const pairs = this.#tally.all();
    const swept = new Set(pairs.map(({ point }) => point));
    return {
      strikesEach: this.#options.strikesEach,
      pairs,
      rare: this.#rates
        .filter(({ point }) => !swept.has(point))
        .toSorted((one, other) => other.perSecond - one.perSecond),
      seconds: this.#elapsedMs() / 1_000,
    };
  }

  #elapsedMs(): number {
    return this.#options.recorder.nowMs() - this.#beganAtMs;
  }

  async #strike(pair: Pair): Promise<void> {
    const { system, random, signal } = this.#options;
    const perSecond = this.#perSecondOf(pair.point);
    const passage = random.between(1, Math.max(1, Math.min(passageMax, Math.floor(perSecond))));
    // A server that is just being replaced is waited for.
    const pid = pair.victim === "worker" ? null : await this.#awaitPostmaster();
    const limitMs = Math.min(strikeMaxMs, Math.max(strikeMinMs, ((passage * 5) / perSecond) * 1_000));
    const strike = await system.points.strike({ ...pair, passage, pid }, limitMs, signal);
    if (strike === null) return this.#tally.addMissed(pair);
    this.#tally.addStrike(pair, await this.#recover(pair, strike));
    await this.#awaitCalm();
  }

  /** @returns how long it took until something was acknowledged that had been asked for after the strike; null when nothing was */
  async #recover({ victim }: Pair, { point, pid }: Strike): Promise<number | null> {
    const { recorder, workload, signal, nextFault } = this.#options;
    const struckAtMs = recorder.nowMs();
    const fault = nextFault();
    const detail = `${victim} ${pid} ${point}`;
    const note = (phase: "begun" | "ended" | "recovered", t_mono: number) =>
      recorder.record({
        type: "fault",
        fault,
        kind: kinds[victim],
        phase,
        detail,
        in_flight: workload.inFlight,
        t_mono,
      });
    note("begun", struckAtMs);
    note("ended", struckAtMs);
    const limit = AbortSignal.timeout(recoveryMaxMs);
    try {
      const atMs = await workload.nextAcknowledgement(AbortSignal.any([signal, limit]));
      note("recovered", atMs);
      return atMs - struckAtMs;
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error;
      return null;
    }
  }

  async #awaitPostmaster(): Promise<number | null> {
    let found = await this.#options.system.postmasterPid();
    await this.#until(async () => (found ??= await this.#options.system.postmasterPid()) !== null);
    return found;
  }

  /** All workers serve again: else the next strike would hit a system that is weaker than it should be. */
  async #awaitCalm(): Promise<void> {
    const { system } = this.#options;
    await this.#until(async () => (await system.workerPids()).length >= this.#workers);
  }

  /** Waits for it, but not for ever: what never comes shows in what follows. */
  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const limitAtMs = performance.now() + calmMaxMs;
    while (!(await isSo()) && performance.now() < limitAtMs)
      await wait(lookEveryMs, null, { signal: this.#options.signal });
  }

  #perSecondOf(point: PointName): number {
    return this.#rates.find((rate) => rate.point === point)?.perSecond ?? 1;
  }
}
