import { isSame, type KillPoint, type KillPointProxy, nameOf } from "./kill-point-proxy.ts";
import type { Sorter } from "./sort-statements.ts";

/** A case that can be played again and again, each time with something fresh. */
export interface SweptCase {
  readonly sort: Sorter;
  /** Makes what is to be there before the case begins. What it sends is not watched. */
  readonly prepare: () => Promise<() => Promise<void>>;
}

export interface Killer {
  /** Kills without a word, at once. */
  kill(): void;
  /** Resolves when what was killed is there again. */
  recovered(): Promise<void>;
}

export interface SweepReport {
  /** The points at which everything was killed, and after which the case has ended well. */
  readonly survived: readonly string[];
  /** The points that have not come again, however often it was tried. */
  readonly missed: readonly string[];
  /** The points that only came because of a kill or a failure, and were not killed at themselves. */
  readonly others: readonly string[];
  /** What went wrong at which point. */
  readonly failures: readonly string[];
}

/** What depends on chance comes in one of so many runs. */
const triesMax = 6;

/**
 * Plays a case without kills to learn its points, then once for each of them with a kill there.
 *
 * @param listing how many runs learn points; several where chance decides which way a run takes
 */
export async function sweepKillPoints(
  { sort, prepare }: SweptCase,
  proxy: KillPointProxy,
  killer: Killer,
  { listing = 1 }: { readonly listing?: number } = {},
): Promise<SweepReport> {
  const play = async (target: KillPoint | null) => {
    const t0 = performance.now();
    const body = await prepare();
    const t1 = performance.now();
    const run = proxy.watch(sort, target, () => killer.kill());
    try {
      await body();
      console.log("T", target && nameOf(target), Math.round(t1 - t0), Math.round(performance.now() - t1));
    } finally {
      proxy.rest();
      await killer.recovered();
    }
    return run;
  };
  const points: KillPoint[] = [];
  const others: KillPoint[] = [];
  const learn = (seen: readonly KillPoint[], known: KillPoint[]) => {
    for (const point of seen)
      if (![...points, ...known].some((each) => isSame(each, point))) known.push(point);
  };
  for (let count = 0; count < listing; count += 1) learn((await play(null)).seen, points);
  const survived: string[] = [];
  const missed: string[] = [];
  const failures: string[] = [];
  for (const point of points) {
    try {
      const hasCome = await comeTo(point, play, (seen) => learn(seen, others));
      (hasCome ? survived : missed).push(nameOf(point));
    } catch (error) {
      failures.push(`${nameOf(point)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { survived, missed, others: others.map(nameOf), failures };
}

async function comeTo(
  point: KillPoint,
  play: (target: KillPoint) => Promise<{ readonly seen: readonly KillPoint[]; readonly hasHit: boolean }>,
  learn: (seen: readonly KillPoint[]) => void,
): Promise<boolean> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const { seen, hasHit } = await play(point);
    learn(seen);
    if (hasHit) return true;
  }
  return false;
}
