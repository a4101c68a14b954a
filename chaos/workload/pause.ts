import { setTimeout as wait } from "node:timers/promises";
import { WorkloadEnded } from "./call.ts";

/** Waits. @throws WorkloadEnded on abort */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch {
    throw new WorkloadEnded();
  }
}
