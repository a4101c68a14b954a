import type { Fault } from "../faults/fault.ts";
import type { FaultKind } from "../history/history-entry.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { Topology } from "../system/system-under-test.ts";

/** A fault that is to come. */
export interface PlannedFault {
  readonly fault: Fault;
  /** From 0 on. After the first, every kind of the lane has come once. */
  readonly round: number;
  /** After the one before it in its lane, or after the recovery from that one. */
  readonly pauseMs: number;
  /** Decides how exactly it is done. */
  readonly random: SeededRandom;
}

export interface PlanOptions {
  readonly catalog: readonly Fault[];
  readonly topology: Topology;
  readonly kinds: readonly FaultKind[];
  /** How often a kind comes in a round; 1 when absent. */
  readonly weights: Readonly<Partial<Record<FaultKind, number>>>;
  readonly random: SeededRandom;
}

/** Two lanes of faults without an end: heavy ones, one at a time, and light ones beside them. */
export interface FaultPlan {
  readonly heavy: Iterator<PlannedFault, undefined>;
  readonly light: Iterator<PlannedFault, undefined>;
}

const heavyPauseMs = { least: 150, most: 700 } as const;
const lightPauseMs = { least: 500, most: 1_300 } as const;

/**
 * Draws which faults come in which order and when. The same random source draws the same plan, whatever becomes of it:
 * it is drawn in rounds, in each of which every kind comes, so that none is left to chance.
 */
export function planFaults({ catalog, topology, kinds, weights, random }: PlanOptions): FaultPlan {
  const chosen = catalog.filter((fault) => fault.topologies.includes(topology) && kinds.includes(fault.kind));
  const lane = (weight: Fault["weight"], pause: typeof heavyPauseMs | typeof lightPauseMs) => {
    const once = chosen.filter((fault) => fault.weight === weight);
    const often = once.flatMap((fault) => Array.from({ length: weights[fault.kind] ?? 1 }, () => fault));
    return drawRounds(once, often, pause, random.fork());
  };
  return { heavy: lane("heavy", heavyPauseMs), light: lane("light", lightPauseMs) };
}

/** Kinds come once each in the first round, so that a short run has them all, and by their weights in later ones. */
function* drawRounds(
  once: readonly Fault[],
  often: readonly Fault[],
  { least, most }: { readonly least: number; readonly most: number },
  random: SeededRandom,
): Generator<PlannedFault, undefined> {
  if (once.length === 0) return undefined;
  for (let round = 0; ; round += 1) {
    for (const fault of shuffle(round === 0 ? once : often, random))
      yield { fault, round, pauseMs: random.between(least, most), random: random.fork() };
  }
}

function shuffle<Item>(items: readonly Item[], random: SeededRandom): Item[] {
  const left = [...items];
  const shuffled: Item[] = [];
  while (left.length > 0) shuffled.push(...left.splice(random.between(0, left.length - 1), 1));
  return shuffled;
}
