import type { PointName } from "../kill-points/point-controller.ts";

/** Compared with the point that is passed most often; whoever waits at a rarer one waits too long. */
const shareMin = 0.05;

/**
 * The points of workers that somebody comes to soon.
 *
 * @param seen how often each was passed so far
 * @returns sorted, so that the same choice from the same points is the same point
 */
export function frequentPoints(seen: ReadonlyMap<PointName, number>, pattern: RegExp): readonly PointName[] {
  const points = [...seen].filter(([name]) => !name.startsWith("supervisor") && pattern.test(name));
  const most = Math.max(0, ...points.map(([, count]) => count));
  return points
    .filter(([, count]) => count > 0 && count >= shareMin * most)
    .map(([name]) => name)
    .toSorted();
}
