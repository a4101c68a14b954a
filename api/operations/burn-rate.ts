import { historySeconds, type SecondHistory } from "./second-history.ts";

/** The share of requests that may fail: 99.9 % are promised. */
const errorBudget = 0.001;
/** Fewer errors than this in the long window prove nothing. */
const errorsMin = 10;

/** How many times faster than promised the error budget is being spent: the lower of a long and a short window. */
export interface BurnRates {
  /** Over one hour and five minutes. */
  readonly fast: number;
  /** Over six hours and thirty minutes. */
  readonly slow: number;
}

/** Measures how fast the error budget is spent. What is not known counts as no requests. */
export function measureBurnRates(history: SecondHistory): BurnRates {
  const end = history.newest;
  if (end === null) return { fast: 0, slow: 0 };
  const rate = (seconds: number) => {
    const requests = history.sum("requests", end, seconds);
    const errors = history.sum("errors", end, seconds);
    return { errors, burn: requests === 0 ? 0 : errors / requests / errorBudget };
  };
  const lower = (longSeconds: number, shortSeconds: number) => {
    const long = rate(longSeconds);
    return long.errors < errorsMin ? 0 : Math.min(long.burn, rate(shortSeconds).burn);
  };
  return { fast: lower(3_600, 300), slow: lower(historySeconds, 1_800) };
}
