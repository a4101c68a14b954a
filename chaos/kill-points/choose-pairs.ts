import type { SeededRandom } from "../seeded-random.ts";
import type { PointName } from "./point-controller.ts";

/** Whom the sweep kills. */
export const sweptVictims = ["worker", "backend", "postmaster"] as const;

export type SweptVictim = (typeof sweptVictims)[number];

/** A point, and who is killed there. */
export interface Pair {
  readonly point: PointName;
  readonly victim: SweptVictim;
}

/** A point with how often the workload comes by. */
export interface PointRate {
  readonly point: PointName;
  readonly perSecond: number;
}

const supervisorPrefix = "supervisor: ";

/**
 * How often each point is passed.
 *
 * @param before what had been passed when the time began
 */
export function ratesOf(
  before: ReadonlyMap<PointName, number>,
  now: ReadonlyMap<PointName, number>,
  elapsedMs: number,
): PointRate[] {
  return [...now].map(([point, count]) => ({
    point,
    perSecond: ((count - (before.get(point) ?? 0)) / Math.max(1, elapsedMs)) * 1_000,
  }));
}

/**
 * All pairs of points that the workload passes often enough, in an order that the seed decides. There is no worker to kill
 * at the supervisor's own statements; its end is a fault of its own.
 */
export function choosePairs(rates: readonly PointRate[], perSecondMin: number, random: SeededRandom): Pair[] {
  const names = rates.filter(({ perSecond }) => perSecond >= perSecondMin).map(({ point }) => point);
  // Which process told first is up to chance; the seed is not.
  const pairs = names.toSorted().flatMap((point) => victimsAt(point).map((victim) => ({ point, victim })));
  for (let at = pairs.length - 1; at > 0; at -= 1) {
    const other = random.between(0, at);
    const [here, there] = [pairs[at], pairs[other]];
    if (here === undefined || there === undefined) continue;
    pairs[at] = there;
    pairs[other] = here;
  }
  return pairs;
}

function victimsAt(point: PointName): readonly SweptVictim[] {
  return point.startsWith(supervisorPrefix) ? ["backend", "postmaster"] : sweptVictims;
}
