import { setTimeout as wait } from "node:timers/promises";
import type { Operations } from "./operations.ts";

export interface WorkerCounts {
  readonly min: number;
  readonly max: number;
}

export interface WorkerWatch {
  /** Stops watching. @returns null when the workers were never seen */
  stop(): Promise<WorkerCounts | null>;
}

const lookEveryMs = 500;

/** Looks twice a second at how many workers live. A listener that is away is no error. */
export function watchWorkers(operations: Operations): WorkerWatch {
  const stopping = new AbortController();
  let counts: WorkerCounts | null = null;
  const look = async () => {
    while (!stopping.signal.aborted) {
      const live = await operations.countWorkers();
      if (live !== null)
        counts = { min: Math.min(live, counts?.min ?? live), max: Math.max(live, counts?.max ?? live) };
      await wait(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const looking = look();
  // Whoever stops the watch learns of a failure; until then it must not end the process.
  looking.catch(() => {});
  return {
    stop: async () => {
      stopping.abort();
      await looking;
      return counts;
    },
  };
}
