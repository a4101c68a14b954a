import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../faults/fault.ts";
import type { FaultKind } from "../history/history-entry.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import { isWeighty, type Pair, listPairs, type PointRate, ratesOf, type SweptVictim } from "./list-pairs.ts";
import type { StrikeOrder, StrikeOutcome } from "./point-controller.ts";
import type { PairStrikes } from "./pair-strikes.ts";
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
  /** What is passed less often is struck when somebody comes by, and never waited for; for all workers together. */
  readonly perSecondMin?: number;
  /** Whether the last round goes on for as long as there is time, also when nobody comes to what is left. */
  readonly isPatient?: boolean;
  /** What earlier sweeps have struck, which counts: this one goes on where they ended. */
  readonly earlier?: readonly PairStrikes[];
}

const learnMaxMs = 15_000;
const learnShare = 0.15;
/** Rarer ones would make the sweep wait more than it strikes. */
const defaultPerSecondMin = 0.2;
const passageMax = 10;
/** What is left of a round when the next one begins: the rarest points come when they come. */
const lateShare = 0.1;
/** Somebody comes to one of the armed points within a few times as long as they take on average. */
const patience = 5;
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

/** A time in which pairs are struck up to so many times in all. */
interface Round {
  readonly strikes: number;
  /** Whether only those are struck at which most is at stake. */
  readonly onlyWeighty: boolean;
  /** Whether it goes on until all are struck. */
  readonly isLast: boolean;
}

/**
 * Kills worker, backend and postmaster at every point that the workload passes, each pair once and then each pair again,
 * until all were struck often enough or the time is over. All pairs of a round with the same victim are armed together, and
 * whoever comes to one of them first strikes. Each strike waits until the system has recovered from the last.
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
  readonly #tally: SweepTally;
  readonly #beganAtMs = performance.now();
  #rates = new Map<string, PointRate>();
  #workers = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#tally = new SweepTally(options.earlier);
  }

  async run(): Promise<void> {
    const { system, durationMs, strikesEach, signal } = this.#options;
    const before = await system.points.seen();
    await wait(Math.min(learnMaxMs, durationMs * learnShare), null, { signal });
    this.#workers = (await system.workerPids()).length;
    for (const round of roundsOf(strikesEach)) {
      const rates = ratesOf(before, await system.points.seen(), this.#elapsedMs());
      this.#rates = new Map(rates.map((rate) => [rate.point, rate]));
      const pairs = listPairs(rates);
      for (const pair of pairs) if (this.#isWaitedFor(pair)) this.#tally.plan(pair);
      await this.#runRound(round, pairs);
      if (this.#isOver) return;
    }
  }

  report(): SweepReport {
    const pairs = this.#tally.all();
    const swept = new Set(pairs.map(({ point }) => point));
    return {
      strikesEach: this.#options.strikesEach,
      pairs,
      strikes: this.#tally.allStrikes(),
      unswept: [...this.#rates.values()]
        .filter(({ point }) => !swept.has(point))
        .toSorted((one, other) => other.perSecond - one.perSecond),
      seconds: this.#elapsedMs() / 1_000,
    };
  }

  get #isOver(): boolean {
    return this.#elapsedMs() >= this.#options.durationMs;
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganAtMs;
  }

  #isWaitedFor({ point }: Pair): boolean {
    return this.#perSecond(point) >= (this.#options.perSecondMin ?? defaultPerSecondMin);
  }

  #perSecond(point: string): number {
    return this.#rates.get(point)?.perSecond ?? 0;
  }

  async #runRound(round: Round, pairs: readonly Pair[]): Promise<void> {
    const givenUp = new Set<Pair>();
    const lateMax = round.isLast ? 0 : Math.floor(pairs.length * lateShare);
    while (!this.#isOver) {
      this.#options.signal.throwIfAborted();
      const open = pairs.filter(
        (pair) =>
          !givenUp.has(pair) &&
          this.#tally.strikesOf(pair) < round.strikes &&
          (!round.onlyWeighty || isWeighty(pair)),
      );
      if (open.filter((pair) => this.#isWaitedFor(pair)).length <= lateMax) {
        if (!round.isLast || this.#options.isPatient !== true || givenUp.size === 0) return;
        givenUp.clear();
        continue;
      }
      const armed = longestOf(Object.values(Object.groupBy(open, ({ victim }) => victim)));
      for (const pair of await this.#strikeAny(armed)) givenUp.add(pair);
      await this.#awaitCalm();
    }
  }

  /** Strikes at whichever of these is come by first. @param armed pairs with one victim @returns as `#count` does */
  async #strikeAny(armed: readonly Pair[]): Promise<readonly Pair[]> {
    const { inject, random, signal } = this.#options;
    const [first] = armed;
    if (first === undefined) return [];
    let outcome: StrikeOutcome = { kind: "nobody_came" };
    let atMs = performance.now();
    const fault = this.#faultOf(first.victim, armed, (next) => {
      outcome = next;
      atMs = performance.now();
    });
    await inject(fault, random.fork());
    // A wait that was cut short says nothing of how long it would have been.
    if (signal.aborted) return [];
    return this.#count(armed, outcome, performance.now() - atMs);
  }

  /** @param tookMs from the strike to the recovery @returns those that are not worth waiting for in this round */
  #count(armed: readonly Pair[], outcome: StrikeOutcome, tookMs: number): readonly Pair[] {
    switch (outcome.kind) {
      case "struck": {
        const { point, victim } = outcome.strike;
        const pair = armed.find((each) => each.point === point && each.victim === victim);
        if (pair !== undefined) this.#tally.addStrike(pair, tookMs > recoveredMaxMs ? null : tookMs);
        return [];
      }
      case "nobody_came":
        for (const pair of armed) if (this.#isWaitedFor(pair)) this.#tally.addMissed(pair);
        return armed;
      case "spared": {
        const spared = armed.filter(({ point }) => point === outcome.point);
        for (const pair of spared) this.#tally.addMissed(pair);
        return spared;
      }
    }
  }

  #faultOf(victim: SweptVictim, armed: readonly Pair[], onOutcome: (outcome: StrikeOutcome) => void): Fault {
    return {
      ...rows[victim],
      topologies: ["separate", "embedded"],
      weight: "heavy",
      inject: async ({ random, signal, begun, over }) => {
        const pid = victim === "worker" ? null : await this.#awaitPostmaster();
        const orders = armed.map(({ point }) => this.#orderOf(point, victim, pid, random));
        const outcome = await this.#options.system.points.strike(orders, this.#limitMs(orders), signal);
        onOutcome(outcome);
        if (outcome.kind !== "struck") return `nobody was struck at ${armed.length} points`;
        begun(`${victim} ${outcome.strike.pid} was killed ${outcome.strike.point}`);
        over();
        return null;
      },
    };
  }

  #orderOf(point: string, victim: SweptVictim, pid: number | null, random: SeededRandom): StrikeOrder {
    // Often enough to come by at once, and yet not always with the first of a burst.
    const passage = random.between(1, Math.max(1, Math.min(passageMax, Math.floor(this.#perSecond(point)))));
    return { point, victim, passage, pid };
  }

  #limitMs(orders: readonly StrikeOrder[]): number {
    const soonestMs = Math.min(
      ...orders.map(({ point, passage }) => (1_000 * passage) / this.#perSecond(point)),
    );
    return Math.min(strikeMaxMs, Math.max(strikeMinMs, patience * soonestMs));
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

/** The first round has two parts, so that a sweep that is too short for all has struck where most is at stake. */
function* roundsOf(strikesEach: number): Generator<Round> {
  yield { strikes: 1, onlyWeighty: true, isLast: false };
  for (let strikes = 1; strikes <= strikesEach; strikes += 1)
    yield { strikes, onlyWeighty: false, isLast: strikes === strikesEach };
}

/** The longest list: victims take turns while they have as much before them. */
function longestOf(lists: readonly (readonly Pair[])[]): readonly Pair[] {
  return lists.reduce((longest, list) => (list.length > longest.length ? list : longest), []);
}
