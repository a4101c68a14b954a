import { setTimeout as wait } from "node:timers/promises";
import { type SendContext, sendDelivery, type SentDelivery } from "../features/webhooks/send-delivery.ts";
import type { MetricRecorder } from "../kernel/record-metrics.ts";
import { SharedRounds } from "../kernel/shared-rounds.ts";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import {
  type ClaimedDelivery,
  claimWebhookDeliveries,
  type DeliveryResult,
  recordDeliveryResults,
} from "../store/claim-webhook-deliveries.ts";
import type { Database } from "../store/open-database.ts";
import { releaseWebhookDeliveries } from "../store/webhook-deliveries.ts";
import { disableWebhookEndpoint } from "../store/webhook-endpoints.ts";
import { SparingTeller } from "./tell-sparingly.ts";

/** How many messages are under way to one endpoint at once, so that a slow one takes nothing from the others. */
const atOnceMax = 32;
/** Well beyond the 15 s that a receiver may take. */
const leaseSeconds = 30;
const pollMs = 500;
const restAfterFailureMs = 500;
/** How long the tries in progress are left to end by themselves when the work is stopped. */
const finishMaxMs = 2_500;
const stopMaxMs = 4_500;
const roundLimits = { itemsMax: 500, waitingMax: 10_000 };

export interface DeliveryContext extends SendContext {
  readonly database: Database;
  readonly recorder: MetricRecorder;
}

/**
 * Sends what is due, many at once. A delivery is in one process's hands at a time; one whose process dies comes back
 * when its lease is over and is sent again, with the same id.
 */
export class WebhookDeliverer {
  readonly #context: DeliveryContext;
  readonly #teller: SparingTeller;
  readonly #breakingOff = new AbortController();
  readonly #inHand = new Map<number, Promise<void>>();
  /** How many of each endpoint are in hand. */
  readonly #busy = new Map<string, number>();
  readonly #results: SharedRounds<DeliveryResult, void>;
  readonly #taking: Loop;
  #isStopping = false;
  #attempts = 0;
  #failures = 0;
  #lastAttemptAtMs: number | null = null;
  #lastError: string | null = null;

  constructor(context: DeliveryContext, onFailure: (complaint: string, error: unknown) => void) {
    this.#context = context;
    this.#teller = new SparingTeller((error) =>
      onFailure("A webhook could not be delivered; trying again.", error),
    );
    this.#results = new SharedRounds((results) => this.#record(results), roundLimits);
    this.#taking = startLoop(
      () => this.#take(),
      (error) => onFailure("Webhooks could not be looked for; trying again.", error),
    );
  }

  status() {
    return {
      running: this.#inHand.size,
      attempts: this.#attempts,
      failures: this.#failures,
      lastAttemptAtMs: this.#lastAttemptAtMs,
      lastError: this.#lastError,
    };
  }

  /** Looks at once whether something is due. */
  lookNow(): void {
    this.#taking.runNow();
  }

  /** Takes nothing more, lets what is in hand end for a while, and puts the rest back. Takes 4.5 s at most. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await within(stopMaxMs, this.#stopInOrder());
    this.#breakingOff.abort();
  }

  async #stopInOrder(): Promise<void> {
    await this.#taking.stop();
    const ended = () => Promise.all(this.#inHand.values());
    await within(finishMaxMs, ended());
    this.#breakingOff.abort();
    await ended();
  }

  /** One look for what is due. @returns how long to rest, in ms */
  async #take(): Promise<number> {
    const limits = { atOnceMax, leaseSeconds };
    const claimed = await claimWebhookDeliveries(this.#context.database, this.#busy, limits);
    for (const delivery of claimed) {
      // A lease that ran out may have brought back what is still in hand here.
      if (this.#inHand.has(delivery.id)) continue;
      this.#busy.set(delivery.endpointId, this.#busyWith(delivery) + 1);
      this.#inHand.set(delivery.id, this.#handle(delivery));
    }
    return pollMs;
  }

  /** Never fails: a delivery of which nothing could be noted comes back by itself. */
  async #handle(delivery: ClaimedDelivery): Promise<void> {
    const { signal } = this.#breakingOff;
    const leaseEndsMs = performance.now() + leaseSeconds * 1000;
    this.#attempts += 1;
    this.#lastAttemptAtMs = Date.now();
    const sent = await sendDelivery(this.#context, delivery, signal);
    for (;;) {
      try {
        await this.#note(delivery, sent);
        break;
      } catch (error) {
        this.#teller.fail(error);
        if (signal.aborted || performance.now() > leaseEndsMs) break;
        // Aborting the wait is how it ends early, not a failure.
        await wait(restAfterFailureMs, undefined, { signal }).catch(() => {});
      }
    }
    this.#inHand.delete(delivery.id);
    const busy = this.#busyWith(delivery) - 1;
    this.#busy.set(delivery.endpointId, busy);
    // Each look costs a commit, so it is worth several deliveries.
    if (!this.#isStopping && busy <= atOnceMax / 2) this.lookNow();
  }

  #busyWith({ endpointId }: ClaimedDelivery): number {
    return this.#busy.get(endpointId) ?? 0;
  }

  async #note(delivery: ClaimedDelivery, { result, isGone }: SentDelivery): Promise<void> {
    const { database } = this.#context;
    // A try that was broken off because the work is stopped has not failed.
    if (this.#breakingOff.signal.aborted && result.status !== "delivered")
      return releaseWebhookDeliveries(database, [delivery.id]);
    if (isGone)
      await disableWebhookEndpoint(database, delivery.endpointId, "The receiver answered 410 Gone.");
    await this.#results.ask(result);
    this.#count(result);
  }

  #count({ status, lastError }: DeliveryResult): void {
    const outcome = status === "pending" ? "retried" : status;
    this.#context.recorder.counter("holdfast_webhook_deliveries_total", { outcome }).add(1);
    this.#lastError = lastError;
    if (status === "delivered") return this.#teller.succeed();
    this.#failures += 1;
    this.#teller.fail(new Error(lastError ?? "The receiver did not take it."));
  }

  async #record(results: readonly DeliveryResult[]): Promise<readonly void[]> {
    await recordDeliveryResults(this.#context.database, results);
    return results.map(() => undefined);
  }
}

/** Waits for something, but not for longer than that. */
async function within(limitMs: number, something: Promise<unknown>): Promise<void> {
  const tooLate = new AbortController();
  // Aborting is how the wait ends early, not a failure.
  const limit = wait(limitMs, undefined, { signal: tooLate.signal }).catch(() => {});
  await Promise.race([something, limit]);
  tooLate.abort();
}
