import { median } from "../report/median.ts";

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** One thing that the cluster was measured by. */
export interface Figure {
  readonly name: string;
  readonly what: string;
  /** NaN when nothing could be measured, which misses every goal. */
  readonly value: number;
  /** Of the value; empty for ratios and counts. */
  readonly unit: "" | "ms" | "s" | "kB" | "MiB" | "%";
  /** What the value was made of, in the order of measuring. */
  readonly samples: readonly number[];
  /** Null for a figure that is only shown. */
  readonly goal: Goal | null;
  readonly met: boolean | null;
}

type Statistic = "median" | "p99" | "worst" | "sum";

/**
 * Makes a figure out of what was measured and judges it.
 *
 * @param statistic how the samples become one value; "worst" is the greatest
 */
export function judge(
  { name, what, unit, goal }: Pick<Figure, "name" | "what" | "unit" | "goal">,
  samples: readonly number[],
  statistic: Statistic,
): Figure {
  const value = samples.length === 0 ? Number.NaN : summarise(samples, statistic);
  return { name, what, value, unit, samples, goal, met: goal === null ? null : meets(value, goal) };
}

function meets(value: number, goal: Goal): boolean {
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}

function summarise(samples: readonly number[], statistic: Statistic): number {
  switch (statistic) {
    case "median":
      return median(samples);
    case "p99":
      return percentile(samples, 0.99);
    case "worst":
      return Math.max(...samples);
    case "sum":
      return samples.reduce((sum, sample) => sum + sample, 0);
  }
}

/**
 * The least sample that this share of all samples does not exceed. Of fewer than 100 samples, the 99th percentile is
 * therefore the worst one.
 *
 * @param share above 0, at most 1 @returns NaN without samples
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
