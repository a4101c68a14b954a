import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../faults/fault.ts";
import type { FaultKind } from "../history/history-entry.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import { choosePairs, type Pair, type PointRate, ratesOf, type SweptVictim } from "./choose-pairs.ts";
import { type SweepReport, SweepTally } from "./sweep-report.ts";

export interface SweepOptions {
  readonly system: Pick<SystemUnderTest, "points" | "postmasterPid" | "workerPids">;
  /** Does a fault once, records it, and waits until something is acknowledged again. @returns whether it was done */
  readonly inject: (fault: Fault, random: SeededRandom) => Promise<boolean>;
  readonly random: SeededRandom;
  /** Ends the sweep at once, with what it has. */
  readonly signal: AbortSignal;
  /** How often each pair of point and victim is to be struck. */
  readonly strikesEach: number;
  /** No strike begins after this. */
  readonly durationMs: number;
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
const calmMaxMs = 15_000;
const lookEveryMs = 25;
/** What came later than this counts as no recovery. */
const recoveredMaxMs = 30_000;

/** What a strike is in the table of faults. */
const rows: Readonly<
  Record<SweptVictim, Pick<Fault, "number" | "recoveryMaxMs"> & { readonly kind: FaultKind }>
> = {
  worker: { kind: "worker_kill", number: 1, recoveryMaxMs: 1_000 },
  backend: { kind: "backend_kill", number: 3, recoveryMaxMs: 3_000 },
  postmaster: { kind: "postmaster_kill", number: 4, recoveryMaxMs: 5_000 },
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
  readonly #beganAtMs = performance.now();
  #rates: readonly PointRate[] = [];
  #workers = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { system, random, strikesEach, durationMs, signal, perSecondMin } = this.#options;
    const before = await system.points.seen();
    await wait(Math.min(learnMaxMs, durationMs * learnShare), null, { signal });
    this.#workers = (await system.workerPids()).length;
    // Whoever never comes to a point would be waited for in every round.
    for (let round = 0; round < strikesEach * 2; round += 1) {
      this.#rates = ratesOf(before, await system.points.seen(), this.#elapsedMs());
      const pairs = choosePairs(this.#rates, perSecondMin ?? defaultPerSecondMin, random);
      const open = pairs.filter((pair) => this.#tally.of(pair).strikes < strikesEach);
      if (open.length === 0) return;
      for (const pair of open) this.#tally.plan(pair);
      for (const pair of open) {
        signal.throwIfAborted();
        if (this.#elapsedMs() >= durationMs) return;
        await this.#strike(pair);
        await this.#awaitCalm();
      }
    }
  }

  report(): SweepReport {
    const pairs = this.#tally.all();
    const swept = new Set(pairs.map(({ point }) => point));
    return {
      strikesEach: this.#options.strikesEach,
      pairs,
      unswept: this.#rates
        .filter(({ point }) => !swept.has(point))
        .toSorted((one, other) => other.perSecond - one.perSecond),
      seconds: this.#elapsedMs() / 1_000,
    };
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganAtMs;
  }

  async #strike(pair: Pair): Promise<void> {
    const { inject, random, signal } = this.#options;
    let struckAtMs: number | null = null;
    const fault = this.#faultOf(pair, () => (struckAtMs = performance.now()));
    const isDone = await inject(fault, random.fork());
    // A wait that was cut short says nothing of how long it would have been.
    if (signal.aborted) return;
    if (!isDone || struckAtMs === null) return this.#tally.addMissed(pair);
    const tookMs = performance.now() - struckAtMs;
    this.#tally.addStrike(pair, tookMs > recoveredMaxMs ? null : tookMs);
  }

  #faultOf({ point, victim }: Pair, onStruck: () => void): Fault {
    const perSecond = this.#rates.find((rate) => rate.point === point)?.perSecond ?? 1;
    return {
      ...rows[victim],
      topologies: ["separate", "embedded"],
      weight: "heavy",
      inject: async ({ random, signal, begun, over }) => {
        // Often enough to come by at once, and yet not always with the first of a burst.
        const passage = random.between(1, Math.max(1, Math.min(passageMax, Math.floor(perSecond))));
        const pid = victim === "worker" ? null : await this.#awaitPostmaster();
        const limitMs = Math.min(strikeMaxMs, Math.max(strikeMinMs, ((passage * 5) / perSecond) * 1_000));
        const order = { point, victim, passage, pid };
        const strike = await this.#options.system.points.strike(order, limitMs, signal);
        if (strike === null) return `nobody came to the point "${point}"`;
        onStruck();
        begun(`${victim} ${strike.pid} was killed ${point}`);
        over();
        return null;
      },
    };
  }

  /** A server that is just being replaced is waited for. */
  async #awaitPostmaster(): Promise<number | null> {
    let found: number | null = null;
    await this.#until(async () => (found = await this.#options.system.postmasterPid()) !== null);
    return found;
  }

  /** All workers serve again: else the next strike would hit a system that is weaker than it should be. */
  async #awaitCalm(): Promise<void> {
    await this.#until(async () => (await this.#options.system.workerPids()).length >= this.#workers);
  }

  /** Waits for it, but not for ever: what never comes shows in what follows. */
  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const limitAtMs = performance.now() + calmMaxMs;
    while (!(await isSo()) && performance.now() < limitAtMs)
      await wait(lookEveryMs, null, { signal: this.#options.signal });
  }
}
