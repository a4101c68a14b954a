export interface BadLine {
  /** The part of the calls that do not arrive, 0 to 1. */
  readonly failsBefore: number;
  /** The part of the answers that do not arrive, although everything was done, 0 to 1. */
  readonly failsAfter: number;
  /** Gives numbers from 0 to below 1. */
  readonly random?: () => number;
}

/** A line on which that part of the calls fails, half of them before and half of them after the provider has acted. */
export function badLineOf(failureRate: number): BadLine {
  return { failsBefore: failureRate / 2, failsAfter: failureRate / 2 };
}

/**
 * Calls a demo's provider as if over a bad line, for rehearsing what real ones do on a bad day.
 *
 * @param makeError makes what is thrown when the call or its answer is lost
 */
export async function callOverBadLine<Answer>(
  { failsBefore, failsAfter, random = Math.random }: BadLine,
  call: () => Promise<Answer>,
  makeError: (message: string) => Error,
): Promise<Answer> {
  if (random() < failsBefore) throw makeError("Lost on the way there.");
  const answer = await call();
  if (random() < failsAfter) throw makeError("Lost on the way back.");
  return answer;
}
