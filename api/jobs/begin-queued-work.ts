import { setTimeout as wait } from "node:timers/promises";
import { type DurableJobContext, startDurableJobs } from "./start-durable-jobs.ts";
import type { RunningJobs } from "./start-jobs.ts";
import { startWebhooks, type WebhookJobContext } from "./start-webhooks.ts";

const restAfterFailureMs = 1_000;

export type QueuedWorkContext = DurableJobContext & WebhookJobContext;

/** Starts doing what waits in the durable queues, when these are open, and delivering webhooks. */
export function beginQueuedWork(
  context: QueuedWorkContext,
  onFailure: (complaint: string, error: unknown) => void,
): RunningJobs {
  const stopping = new AbortController();
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
  return {
    status: () => [...webhooks.status(), ...(durable?.status() ?? [])],
    runNow: (name) => webhooks.runNow(name) || durable?.runNow(name) === true,
    stop: async () => {
      stopping.abort();
      await Promise.all([webhooks.stop(), opening.then(() => durable?.stop())]);
    },
  };
}
