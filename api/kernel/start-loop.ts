import { setTimeout as wait } from "node:timers/promises";

/** Something that repeats in the background until it is stopped. */
export interface Loop {
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
}

/** How long a loop rests after a round that failed. */
const restAfterFailureMs = 500;

/**
 * Repeats a round of work. A round that fails is reported, and the next one comes after a rest.
 *
 * @param runOnce does one round and tells how many milliseconds to wait before the next
 */
export function startLoop(runOnce: () => Promise<number>, onFailure: (error: unknown) => void): Loop {
  const stopping = new AbortController();
  const run = async () => {
    while (!stopping.signal.aborted) {
      let pauseMs = restAfterFailureMs;
      try {
        pauseMs = await runOnce();
      } catch (error) {
        onFailure(error);
      }
      // Aborting the wait is how the loop is stopped, not a failure.
      await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = run();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
