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
/** Where something may be lost, done twice or left locked: in a run that is too short for all, these come first. */
const weighty =
  /^(?:before|after) (?:commit|reply|refusal|insert|update|delete|complete|remove|claim|lock)\b/;

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
 * All pairs of points that the workload passes often enough, in an order that the seed decides, those first at which most is
 * at stake. There is no worker to kill at the supervisor's own statements; its end is a fault of its own.
 */
export function choosePairs(rates: readonly PointRate[], perSecondMin: number, random: SeededRandom): Pair[] {
  const names = rates.filter(({ perSecond }) => perSecond >= perSecondMin).map(({ point }) => point);
  // Which process told first is up to chance; the seed is not.
  const pairs = names.toSorted().flatMap((point) => victimsAt(point).map((victim) => ({ point, victim })));
  const isWeighty = ({ point }: Pair) => weighty.test(point);
  return [
    ...shuffle(pairs.filter(isWeighty), random),
    ...shuffle(
      pairs.filter((pair) => !isWeighty(pair)),
      random,
    ),
  ];
}

function shuffle<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const left = [...items];
  const shuffled: Item[] = [];
  while (left.length > 0) shuffled.push(...left.splice(random.between(0, left.length - 1), 1));
  return shuffled;
}

/** Whom there is to kill at a point. */
export function victimsAt(point: PointName): readonly SweptVictim[] {
  return point.startsWith(supervisorPrefix) ? ["backend", "postmaster"] : sweptVictims;
}
