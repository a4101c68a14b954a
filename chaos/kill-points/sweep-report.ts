import { type Pair, type PointRate, type SweptVictim, sweptVictims } from "./choose-pairs.ts";
import type { PointName } from "./point-controller.ts";

/** What came of one pair. */
export interface SweptPair extends Pair {
  readonly strikes: number;
  /** How often nobody came to the point in time. */
  readonly missed: number;
  /** After how many strikes nothing was acknowledged within the limit. */
  readonly unrecovered: number;
  /** From the strike to the next acknowledgement; null when there was none. */
  readonly recoveryWorstMs: number | null;
}

/** What a sweep has done. */
export interface SweepReport {
  /** How often each pair was to be struck. */
  readonly strikesEach: number;
  readonly pairs: readonly SweptPair[];
  /** Points that the workload passed, but too seldom to wait for: nothing is known of them. */
  readonly unswept: readonly PointRate[];
  readonly seconds: number;
}

/** Gathers what comes of each strike. */
export class SweepTally {
  readonly #pairs = new Map<string, SweptPair>();

  of(pair: Pair): SweptPair {
    const none = { strikes: 0, missed: 0, unrecovered: 0, recoveryWorstMs: null };
    return this.#pairs.get(keyOf(pair)) ?? { ...pair, ...none };
  }

  /** Has a pair told of even when nobody gets to it. */
  plan(pair: Pair): void {
    this.#pairs.set(keyOf(pair), this.of(pair));
  }

  addMissed(pair: Pair): void {
    const { missed, ...rest } = this.of(pair);
    this.#pairs.set(keyOf(pair), { ...rest, missed: missed + 1 });
  }

  /** @param recoveryMs null when nothing was acknowledged within the limit */
  addStrike(pair: Pair, recoveryMs: number | null): void {
    const sofar = this.of(pair);
    this.#pairs.set(keyOf(pair), {
      ...sofar,
      strikes: sofar.strikes + 1,
      unrecovered: sofar.unrecovered + (recoveryMs === null ? 1 : 0),
      recoveryWorstMs:
        recoveryMs === null ? sofar.recoveryWorstMs : Math.max(sofar.recoveryWorstMs ?? 0, recoveryMs),
    });
  }

  all(): SweptPair[] {
    return [...this.#pairs.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  }
}

function keyOf({ point, victim }: Pair): string {
  return `${point}\n${victim}`;
}

/** The report for people: a line for each point, and what was left out. */
export function tellSweep({ strikesEach, pairs, unswept, seconds }: SweepReport): string[] {
  const points = [...new Set(pairs.map(({ point }) => point))].toSorted();
  const width = Math.max(0, ...points.map((point) => point.length));
  const lines = points.map((point) => {
    const cells = sweptVictims.map((victim) => tellCell(pairs, point, victim).padEnd(cellWidth));
    return `${point.padEnd(width)}  ${cells.join("").trimEnd()}`;
  });
  const struck = pairs.filter(({ strikes }) => strikes > 0);
  const complete = pairs.filter(({ strikes }) => strikes >= strikesEach);
  const strikes = pairs.reduce((sum, pair) => sum + pair.strikes, 0);
  return [
    `${strikes} strikes in ${Math.round(seconds)} s: ${struck.length} of ${pairs.length} pairs of point and victim struck, ` +
      `${complete.length} of them ${strikesEach} times or more. Strikes (longest recovery):`,
    `${"".padEnd(width)}  ${sweptVictims
      .map((victim) => victim.padEnd(cellWidth))
      .join("")
      .trimEnd()}`,
    ...lines,
    ...tellUnswept(unswept),
  ];
}

const cellWidth = 16;

function tellCell(pairs: readonly SweptPair[], point: PointName, victim: SweptVictim): string {
  const pair = pairs.find((each) => each.point === point && each.victim === victim);
  if (pair === undefined) return "-";
  const worst = pair.recoveryWorstMs === null ? "" : ` (${(pair.recoveryWorstMs / 1_000).toFixed(2)} s)`;
  return `${pair.strikes}${worst}${pair.unrecovered > 0 ? ` ${pair.unrecovered} lasted` : ""}`;
}

function tellUnswept(unswept: readonly PointRate[]): string[] {
  if (unswept.length === 0) return [];
  const told = unswept.map(
    ({ point, perSecond }) => `  ${(perSecond * 60).toFixed(1).padStart(5)} a minute  ${point}`,
  );
  return [
    `Not swept, since the workload passes them too seldom (${unswept.length}):`,
    ...told,
  ];
}
