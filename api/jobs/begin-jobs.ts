import { setTimeout as wait } from "node:timers/promises";
import { type DurableJobContext, startDurableJobs } from "./start-durable-jobs.ts";
import { type JobContext, type RunningJobs, startJobs } from "./start-jobs.ts";
import { tellOutageOnce } from "./tell-outage-once.ts";
import { startWebhooks, type WebhookJobContext } from "./start-webhooks.ts";

const restAfterFailureMs = 1_000;

/** Starts all background work: what repeats at once, and what waits in the durable queues when these are open. */
export function beginJobs(
  context: JobContext & DurableJobContext & WebhookJobContext,
  tell: (complaint: string, error: unknown) => void,
): RunningJobs {
  const onFailure = tellOutageOnce(tell);
  const stopping = new AbortController();
  const loops = startJobs(context, onFailure);
  const webhooks = startWebhooks(context, onFailure);
  let durable: RunningJobs | null = null;
  const open = async () => {
    while (durable === null && !stopping.signal.aborted) {
      try {
        durable = await startDurableJobs(context, onFailure);
      } catch (error) {
        onFailure("The durable jobs could not be started; trying again.", error);
        // Aborting the wait is how this is stopped, not a failure.
        await wait(restAfterFailureMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const opening = open();
  const stop = async () => {
    stopping.abort();
    await Promise.all([loops.stop(), webhooks.stop(), opening.then(() => durable?.stop())]);
  };
  let stopped: Promise<void> | null = null;
  return {
    status: () => [...loops.status(), ...webhooks.status(), ...(durable?.status() ?? [])],
    runNow: (name) => loops.runNow(name) || webhooks.runNow(name) || durable?.runNow(name) === true,
    stop: () => (stopped ??= stop()),
  };
}
