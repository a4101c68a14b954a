import { isSame, type KillPoint, type KillPointProxy, nameOf, type WatchedRun } from "./kill-point-proxy.ts";
import type { Sorter } from "./sort-statements.ts";

/** A case that can be played again and again, each time with something fresh. */
export interface SweptCase {
  readonly sort: Sorter;
  /** Makes what is to be there before the case begins. */
  readonly prepare: () => Promise<SweptRun>;
}

/** One run of a case. Only what `play` brings about is watched, and killed. */
interface SweptRun {
  /** Goes through the case, repeating what gets no answer. */
  readonly play: () => Promise<void>;
  /** @throws when the case has not ended as it must */
  readonly check: () => Promise<void>;
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
 * @param only leaves points out
 */
export async function sweepKillPoints(
  { sort, prepare }: SweptCase,
  proxy: KillPointProxy,
  killer: Killer,
  only: (point: KillPoint) => boolean = () => true,
): Promise<SweepReport> {
  const play = async (target: KillPoint | null) => {
    const { play: goThrough, check } = await prepare();
    const run = proxy.watch(sort, target, () => killer.kill());
    try {
      await goThrough();
    } finally {
      proxy.rest();
      await killer.recovered();
    }
    await check();
    return run;
  };
  const points = (await play(null)).seen.filter(only);
  const others = new Set<string>();
  const survived: string[] = [];
  const missed: string[] = [];
  const failures: string[] = [];
  for (const point of points) {
    try {
      const seen = await comeTo(point, play);
      (seen === null ? missed : survived).push(nameOf(point));
      for (const each of seen ?? [])
        if (!points.some((known) => isSame(known, each))) others.add(nameOf(each));
    } catch (error) {
      failures.push(`${nameOf(point)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { survived, missed, others: [...others], failures };
}

/** @returns the points of the run in which it came; null when it has come in none */
async function comeTo(
  point: KillPoint,
  play: (target: KillPoint) => Promise<WatchedRun>,
): Promise<readonly KillPoint[] | null> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const run = await play(point);
    if (run.hasHit) return run.seen;
  }
  return null;
}
