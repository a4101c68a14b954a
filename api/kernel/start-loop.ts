import { setTimeout as wait } from "node:timers/promises";

/** How a loop has been doing. Instants are of this process's clock, in milliseconds since 1970. */
interface LoopStatus {
  /** `retrying`: the last round failed, and the next one is due soon. */
  readonly state: "waiting" | "running" | "retrying";
  readonly runs: number;
  readonly failures: number;
  readonly lastRunAtMs: number | null;
  /** What the last round failed with; null after one that did not. */
  readonly lastError: string | null;
  readonly nextRunAtMs: number | null;
}

/** Something that repeats in the background until it is stopped. */
export interface Loop {
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
  status(): LoopStatus;
  /** Ends the pause before the next round. */
  runNow(): void;
}

/** How long a loop rests after a round that failed. */
const restAfterFailureMs = 500;
/** A failure that goes on is told this often: an outage must not fill the log. */
const tellAgainAfterMs = 30_000;

/**
 * Repeats a round of work. A round that fails is reported, and the next one comes after a rest. Of failures in a row
 * the first is reported, and then one every half minute.
 *
 * @param runOnce does one round and tells how many milliseconds to wait before the next
 */
export function startLoop(runOnce: () => Promise<number>, onFailure: (error: unknown) => void): Loop {
  const stopping = new AbortController();
  let pause = new AbortController();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let status: LoopStatus = {
    state: "waiting",
    runs: 0,
    failures: 0,
    lastRunAtMs: null,
    lastError: null,
    nextRunAtMs: null,
  };
  const runRound = async (): Promise<number> => {
    status = { ...status, state: "running", runs: status.runs + 1, lastRunAtMs: Date.now() };
    try {
      const pauseMs = await runOnce();
      status = { ...status, state: "waiting", lastError: null, nextRunAtMs: Date.now() + pauseMs };
      toldAtMs = Number.NEGATIVE_INFINITY;
      return pauseMs;
    } catch (error) {
      const lastError = error instanceof Error ? error.message : String(error);
      const nextRunAtMs = Date.now() + restAfterFailureMs;
      status = { ...status, state: "retrying", failures: status.failures + 1, lastError, nextRunAtMs };
      if (performance.now() - toldAtMs > tellAgainAfterMs) {
        toldAtMs = performance.now();
        onFailure(error);
      }
      return restAfterFailureMs;
    }
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      pause = new AbortController();
      const pauseMs = await runRound();
      // Aborting the wait is how the loop is stopped or hurried, not a failure.
      await wait(pauseMs, undefined, { signal: pause.signal }).catch(() => {});
    }
  };
  const ended = run();
  return {
    stop: () => {
      stopping.abort();
      pause.abort();
      return ended;
    },
    status: () => status,
    runNow: () => pause.abort(),
  };
}
