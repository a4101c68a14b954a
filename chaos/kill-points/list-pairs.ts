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
 * All pairs of points that the workload passes. There is no worker to kill at the supervisor's own statements; its end is a
 * fault of its own.
 */
export function listPairs(rates: readonly PointRate[]): Pair[] {
  const passed = rates.filter(({ perSecond }) => perSecond > 0).map(({ point }) => point);
  // Which process told first is up to chance; what the seed is applied to is not.
  return passed.toSorted().flatMap((point) => victimsAt(point).map((victim) => ({ point, victim })));
}

/** Whether something may be lost, done twice or left locked there. */
export function isWeighty({ point }: Pair): boolean {
  return weighty.test(point);
}

/** Whom there is to kill at a point. */
export function victimsAt(point: PointName): readonly SweptVictim[] {
  return point.startsWith(supervisorPrefix) ? ["backend", "postmaster"] : sweptVictims;
}
