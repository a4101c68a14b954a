import { beginWhenLoaded } from "./begin-when-loaded.ts";
import type { QueuedWorkContext } from "./begin-queued-work.ts";
import { type JobContext, type RunningJobs, startJobs } from "./start-jobs.ts";
import { tellOutageOnce } from "./tell-outage-once.ts";

/**
 * Starts all background work: what repeats at once, since buyers wait for what is swept; and what is queued when its code
 * is there, which costs time and memory, so that only the worker that does the jobs has it.
 *
 * @param loadContext what the queued work needs; loads code too
 */
export function beginJobs(
  context: JobContext,
  loadContext: () => Promise<QueuedWorkContext>,
  tell: (complaint: string, error: unknown) => void,
): RunningJobs {
  const onFailure = tellOutageOnce(tell);
  const loops = startJobs(context, onFailure);
  const queued = beginWhenLoaded(async () => {
    const [{ beginQueuedWork }, loaded] = await Promise.all([
      import("./begin-queued-work.ts"),
      loadContext(),
    ]);
    return beginQueuedWork(loaded, onFailure);
  });
  let stopped: Promise<void> | null = null;
  const stop = async () => {
    await Promise.all([loops.stop(), queued.stop()]);
  };
  return {
    status: () => [...loops.status(), ...queued.status()],
    runNow: (name) => loops.runNow(name) || queued.runNow(name),
    stop: () => (stopped ??= stop()),
  };
}
