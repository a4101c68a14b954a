import { type Pair, type PointRate, sweptVictims, victimsAt } from "./list-pairs.ts";
import { addStrikes, keyOf, type PairStrikes } from "./pair-strikes.ts";

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
  /** With those of earlier sweeps: also of pairs that this one has not come to. */
  readonly strikes: readonly PairStrikes[];
  /** Points that the workload passed, but too seldom to wait for: nothing is known of them. */
  readonly unswept: readonly PointRate[];
  readonly seconds: number;
}

/** Gathers what comes of each strike. */
export class SweepTally {
  readonly #pairs = new Map<string, SweptPair>();
  readonly #earlier: ReadonlyMap<string, PairStrikes>;

  /** @param earlier what was struck by the sweeps that this one continues */
  constructor(earlier: readonly PairStrikes[] = []) {
    this.#earlier = new Map(earlier.map((each) => [keyOf(each), each]));
  }

  of(pair: Pair): SweptPair {
    const none = { strikes: 0, missed: 0, unrecovered: 0, recoveryWorstMs: null };
    return this.#pairs.get(keyOf(pair)) ?? { ...pair, ...none };
  }

  /** How often a pair was struck, earlier sweeps included. */
  strikesOf(pair: Pair): number {
    return this.of(pair).strikes + (this.#earlier.get(keyOf(pair))?.strikes ?? 0);
  }

  /** The same of all pairs. */
  allStrikes(): PairStrikes[] {
    return addStrikes([...this.#earlier.values()], this.all());
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

/** The report for people: a line for each point where something was killed, and what was left out. */
export function tellSweep({ strikesEach, pairs, strikes, unswept, seconds }: SweepReport): string[] {
  const struck = pairs.filter((pair) => pair.strikes > 0);
  return [
    `${countStrikes(pairs)} strikes in ${Math.round(seconds)} s: ${tellComplete(pairs, strikesEach)}`,
    ...(countStrikes(strikes) > countStrikes(pairs)
      ? [`With earlier sweeps ${countStrikes(strikes)} strikes: ${tellComplete(strikes, strikesEach)}`]
      : []),
    "Strikes of this sweep (longest recovery):",
    ...tellPoints(struck),
    ...tellUntouched(pairs),
    ...tellUnswept(unswept),
  ];
}

function countStrikes(pairs: readonly PairStrikes[]): number {
  return pairs.reduce((sum, { strikes }) => sum + strikes, 0);
}

function tellComplete(pairs: readonly PairStrikes[], strikesEach: number): string {
  const struck = pairs.filter(({ strikes }) => strikes > 0).length;
  const complete = pairs.filter(({ strikes }) => strikes >= strikesEach).length;
  return `${struck} of ${pairs.length} pairs of point and victim struck, ${complete} of them ${strikesEach} times or more.`;
}

const cellWidth = 16;

function tellPoints(struck: readonly SweptPair[]): string[] {
  const points = [...new Set(struck.map(({ point }) => point))].toSorted();
  const width = Math.max(0, ...points.map((point) => point.length));
  const row = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(cellWidth)).join("")}`.trimEnd();
  return [
    row("", sweptVictims),
    ...points.map((point) =>
      row(
        point,
        sweptVictims.map((victim) => tellCell(struck, { point, victim })),
      ),
    ),
  ];
}

function tellCell(struck: readonly SweptPair[], { point, victim }: Pair): string {
  const pair = struck.find((each) => each.point === point && each.victim === victim);
  if (pair === undefined) return victimsAt(point).includes(victim) ? "0" : "-";
  const worst = pair.recoveryWorstMs === null ? "" : ` (${(pair.recoveryWorstMs / 1_000).toFixed(2)} s)`;
  return `${pair.strikes}${worst}${pair.unrecovered > 0 ? ` ${pair.unrecovered} lasted` : ""}`;
}

function tellUntouched(pairs: readonly SweptPair[]): string[] {
  const untouched = pairs.filter(({ strikes }) => strikes === 0);
  const missed = untouched.filter((pair) => pair.missed > 0).length;
  if (untouched.length === 0) return [];
  return [
    `Not struck: ${untouched.length} pairs; nobody came by in time at ${missed}, the time was over before the others.`,
  ];
}

function tellUnswept(unswept: readonly PointRate[]): string[] {
  const seldom = unswept.filter(({ perSecond }) => perSecond > 0);
  const never = unswept.length - seldom.length;
  const told = seldom.map(
    ({ point, perSecond }) => `  ${(perSecond * 60).toFixed(1).padStart(6)} a minute  ${point}`,
  );
  return [
    ...(seldom.length > 0
      ? [`Not swept, since the workload passes them too seldom: ${seldom.length} points.`]
      : []),
    ...told,
    ...(never > 0
      ? [`Not swept, since they were passed while the service started, and never again: ${never} points.`]
      : []),
  ];
}
