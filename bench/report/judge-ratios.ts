import type { Measurement } from "../measure-arm.ts";
import { median } from "./median.ts";

/** What the arms say about each other, and whether that is good enough. */
export interface Ratio {
  readonly name: string;
  readonly what: string;
  /** Median over the rounds. Each round's value compares figures of that round only. */
  readonly value: number;
  readonly perRound: readonly number[];
  /** Null for a figure that is only shown. */
  readonly goal: { readonly atLeast: number } | { readonly atMost: number } | null;
  readonly met: boolean | null;
}

type Figure = (measurement: Measurement) => number;

interface Definition {
  readonly name: string;
  readonly what: string;
  readonly arm: string;
  /** "naive" stands for the pool size with the highest median. Null for a figure that is no ratio. */
  readonly over: string | null;
  readonly figure: Figure;
  readonly goal: Ratio["goal"];
}

const perSecond: Figure = (measurement) => measurement.perSecond;
const p99Ms: Figure = (measurement) => measurement.p99Ms;
const releasedAfterSeconds: Figure = (measurement) => measurement.releasedAfterSeconds ?? Infinity;

const definitions: readonly Definition[] = [
  {
    name: "R1",
    what: "holds on one event / naive at its best pool size",
    arm: "desk",
    over: "naive",
    figure: perSecond,
    goal: { atLeast: 12 },
  },
  {
    name: "R2",
    what: "holds on one event / a route that does nothing",
    arm: "desk",
    over: "noop",
    figure: perSecond,
    goal: { atLeast: 0.9 },
  },
  {
    name: "R4",
    what: "sold-out refusals / a route that does nothing",
    arm: "sold-out",
    over: "noop",
    figure: perSecond,
    goal: { atLeast: 0.9 },
  },
  {
    name: "R5",
    what: "holds on 1,000 events / on one event",
    arm: "spread",
    over: "desk",
    figure: perSecond,
    goal: { atLeast: 0.9 },
  },
  {
    name: "R6",
    what: "holds beside old reservations / in an empty table",
    arm: "history",
    over: "desk",
    figure: perSecond,
    goal: { atLeast: 0.9 },
  },
  {
    name: "R7",
    what: "lives (hold, confirm) / holds",
    arm: "life",
    over: "desk",
    figure: perSecond,
    goal: { atLeast: 0.65 },
  },
  {
    name: "R8",
    what: "p99 while other holds expire / while they stay",
    arm: "expiring",
    over: "calm",
    figure: p99Ms,
    goal: { atMost: 1.5 },
  },
  {
    name: "Release",
    what: "seconds until all of those were released",
    arm: "expiring",
    over: null,
    figure: releasedAfterSeconds,
    goal: { atMost: 10 },
  },
  {
    name: "R10",
    what: "checkouts of carts with three items / holds on one event",
    arm: "checkout",
    over: "desk",
    figure: perSecond,
    goal: { atLeast: 0.15 },
  },
  {
    name: "R10 beside",
    what: "checkouts while other carts expire / without",
    arm: "checkout-expiring",
    over: "checkout",
    figure: perSecond,
    goal: { atLeast: 0.9 },
  },
  {
    name: "Keyed",
    what: "holds with Idempotency-Key / without",
    arm: "keyed",
    over: "desk",
    figure: perSecond,
    goal: null,
  },
];

/** @param rounds the measurements of each round; ratios of arms that were not measured are left out */
export function judgeRatios(rounds: readonly (readonly Measurement[])[]): Ratio[] {
  return definitions.flatMap((definition) => {
    const over = definition.over === "naive" ? bestNaive(rounds) : definition.over;
    const perRound = rounds.flatMap((round) => ratioIn(round, definition, over));
    if (perRound.length === 0) return [];
    const { name, goal } = definition;
    const what = over?.startsWith("naive-")
      ? `${definition.what} (${over.slice("naive-".length)})`
      : definition.what;
    const value = median(perRound);
    return [{ name, what, value, perRound, goal, met: isMet(value, goal) }];
  });
}

function ratioIn(round: readonly Measurement[], { arm, figure }: Definition, over: string | null): number[] {
  const measured = round.find((measurement) => measurement.arm === arm);
  if (measured === undefined) return [];
  if (over === null) return [figure(measured)];
  const reference = round.find((measurement) => measurement.arm === over);
  return reference === undefined ? [] : [figure(measured) / figure(reference)];
}

function bestNaive(rounds: readonly (readonly Measurement[])[]): string {
  const ratesByArm = new Map<string, number[]>();
  for (const { arm, perSecond: rate } of rounds.flat()) {
    if (arm.startsWith("naive-")) ratesByArm.set(arm, [...(ratesByArm.get(arm) ?? []), rate]);
  }
  const ranked = [...ratesByArm].sort(([, one], [, other]) => median(other) - median(one));
  return ranked[0]?.[0] ?? "naive";
}

function isMet(value: number, goal: Ratio["goal"]): boolean | null {
  if (goal === null) return null;
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}
