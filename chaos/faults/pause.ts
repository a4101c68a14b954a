import { setTimeout as wait } from "node:timers/promises";

/** Waits; shorter when the run is being stopped. Never rejects, so that a fault can undo what it has done. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, null, { signal }).catch(() => {});
}
