import { setTimeout as wait } from "node:timers/promises";

const lookEveryMs = 25;

/**
 * Looks until a question is answered with something other than false or null.
 *
 * @returns the answer; null when there was none within the limit
 * @throws the signal's reason when it aborts
 */
export async function waitUntil<Answer>(
  look: () => Promise<Answer | null | false> | Answer | null | false,
  limitMs: number,
  signal: AbortSignal,
): Promise<Answer | null> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await look();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > deadlineMs) return null;
    await wait(lookEveryMs, null, { signal });
  }
}
