import type { SendContext } from "../features/webhooks/send-delivery.ts";
import { startLoop } from "../kernel/start-loop.ts";
import type { JobStatus } from "../kernel/worker-report.ts";
import { openDatabase } from "../store/open-database.ts";
import {
  countWebhookDeliveries,
  type DeliveryCounts,
  endAbandonedDeliveries,
  hurryWebhookDeliveries,
  selectTroubledDeliveries,
  type TroubledDelivery,
} from "../store/webhook-deliveries.ts";
import { type DeliveryContext, WebhookDeliverer } from "./deliver-webhooks.ts";
import type { RunningJobs } from "./start-jobs.ts";

const name = "deliver-webhooks";
const watchEveryMs = 2_000;
/** More are not counted: the page need only show that there are very many. */
const countedMax = 20_000;
const troubledMax = 100;
const endedMax = 1_000;
const textMax = 200;

export interface WebhookJobContext extends Omit<DeliveryContext, "poster" | "database"> {
  readonly connectionString: string;
  /** Opens the way to receivers. Only who does jobs pays for it. */
  readonly openWebhookPoster: () => SendContext["poster"] & { close(): void };
}

/**
 * Starts delivering webhooks, and looks after what is to be delivered. Several processes may do it at once: each
 * delivery is in one's hands at a time.
 */
export function startWebhooks(
  context: WebhookJobContext,
  onFailure: (complaint: string, error: unknown) => void,
): RunningJobs {
  const { connectionString } = context;
  const onLost = (error: Error) => onFailure("A connection for webhooks was lost.", error);
  const database = openDatabase({ connectionString, connectionsMax: 2, onLost, byIndex: true });
  const poster = context.openWebhookPoster();
  const deliverer = new WebhookDeliverer({ ...context, database, poster }, onFailure);
  let counts: DeliveryCounts = { waiting: 0, running: 0, retrying: 0, failed: 0 };
  let troubled: readonly TroubledDelivery[] = [];
  const watch = async () => {
    const ended = await endAbandonedDeliveries(database, endedMax);
    if (ended === endedMax) return 0;
    counts = await countWebhookDeliveries(database, countedMax);
    troubled = counts.retrying > 0 ? await selectTroubledDeliveries(database, troubledMax) : [];
    return watchEveryMs;
  };
  const watching = startLoop(watch, (error) =>
    onFailure("The webhooks could not be looked after; trying again.", error),
  );
  const hurry = async () => {
    try {
      await hurryWebhookDeliveries(database);
      deliverer.lookNow();
      watching.runNow();
    } catch (error) {
      onFailure("The webhooks could not be made due.", error);
    }
  };
  return {
    status: () => [describe(deliverer, counts, troubled)],
    runNow: (asked) => {
      if (asked !== name) return false;
      void hurry();
      return true;
    },
    stop: async () => {
      await Promise.all([deliverer.stop(), watching.stop()]);
      poster.close();
      await database.destroy();
    },
  };
}

function describe(
  deliverer: WebhookDeliverer,
  counts: DeliveryCounts,
  troubled: readonly TroubledDelivery[],
): JobStatus {
  const { running, attempts, failures, lastAttemptAtMs, lastError } = deliverer.status();
  return {
    name,
    purpose: "Tells the shop's systems what happened.",
    state: running > 0 ? "running" : counts.retrying > 0 ? "retrying" : "waiting",
    runs_total: attempts,
    failures_total: failures,
    last_run_at_ms: lastAttemptAtMs,
    last_error: lastError?.slice(0, textMax) ?? null,
    next_run_at_ms: troubled[0]?.nextTryAtMs ?? null,
    can_run_now: true,
    figures: {},
    counts: { ...counts },
    troubled: troubled.map((delivery) => ({
      id: delivery.messageId,
      state: "retrying",
      attempts: delivery.attempts,
      created_at_ms: delivery.createdAtMs,
      next_try_at_ms: delivery.nextTryAtMs,
      last_error: delivery.lastError?.slice(0, textMax) ?? null,
    })),
  };
}
