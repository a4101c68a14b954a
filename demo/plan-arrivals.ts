import type { ArrivalPattern } from "./options.ts";

/** A buyer as planned before the sale. */
export interface Arrival {
  /** 1 for the first. */
  readonly number: number;
  /** Since the start of the sale. Rises from buyer to buyer. */
  readonly atMs: number;
  /** Whether the buyer pays for a ticket that is held. */
  readonly confirms: boolean;
  /** From the hold to the payment. */
  readonly thinkMs: number;
}

export interface ArrivalTerms {
  readonly buyers: number;
  readonly ratePerSecond: number;
  readonly arrivals: ArrivalPattern;
  readonly confirmPercent: number;
  readonly holdSeconds: number;
  readonly seed: number;
}

/** A buyer decides within a quarter of the hold, so that payments are not late by plan. */
const thinkShare = 0.25;
const thinkMaxMs = 2_000;

/**
 * Plans who arrives when and what they will do. The same terms give the same plan.
 *
 * The plan is open: nobody waits for anybody else's answer. With "poisson" the gaps are exponential with a mean of
 * 1 / `ratePerSecond`; with "even" they are all equal.
 */
export function* planArrivals(terms: ArrivalTerms): Generator<Arrival, void> {
  const random = makeRandom(terms.seed);
  const gapMs = 1000 / terms.ratePerSecond;
  const thinkLimitMs = Math.min(terms.holdSeconds * 1000 * thinkShare, thinkMaxMs);
  let atMs = 0;
  for (let number = 1; number <= terms.buyers; number += 1) {
    // Every buyer draws three numbers whatever the terms, so that a change of one term does not shuffle the others.
    const [gap, decision, thought] = [random(), random(), random()];
    atMs = terms.arrivals === "even" ? (number - 1) * gapMs : atMs - Math.log(1 - gap) * gapMs;
    yield { number, atMs, confirms: decision * 100 < terms.confirmPercent, thinkMs: thought * thinkLimitMs };
  }
}

/** Mulberry32 by Tommy Ettinger: small, even enough for arrivals, and no secret. @returns numbers from 0 to below 1 */
function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
