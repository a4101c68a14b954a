import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

/** One buyer's request, with what was acknowledged for it. */
export interface Purchase {
  readonly userId: string;
  readonly key: string;
  /** The first definite answer; null while there is none. */
  answer: { readonly status: number; readonly text: string } | null;
}

/** Where a sale takes place. */
export interface SaleTarget {
  readonly url: string;
  readonly eventId: string;
  readonly serviceKey: string;
}

const requestMaxMs = 12_000;
const retryPauseMs = 50;

/** Clients that ask for one ticket each, one user after the other, each under a key. */
export class PersistentBuyers {
  readonly purchases: Purchase[] = [];
  readonly #target: () => SaleTarget;
  #isBuying = true;

  /** @param target where to send requests; asked before each of them, since a restarted service has a new port */
  constructor(target: () => SaleTarget) {
    this.#target = target;
  }

  /** How many requests were acknowledged with a hold. */
  get heldCount(): number {
    return this.purchases.filter(({ answer }) => answer?.status === 201).length;
  }

  get unanswered(): Purchase[] {
    return this.purchases.filter(({ answer }) => answer === null);
  }

  /** Buys for one user after the other until told to stop; a request without a definite answer is left behind. */
  async buyUntilStopped(clientCount: number): Promise<void> {
    const buy = async () => {
      while (this.#isBuying) {
        const purchase: Purchase = {
          userId: `user ${this.purchases.length}`,
          key: randomUUID(),
          answer: null,
        };
        this.purchases.push(purchase);
        purchase.answer = await this.send(purchase);
        if (purchase.answer === null) await wait(retryPauseMs);
      }
    };
    await Promise.all(Array.from({ length: clientCount }, buy));
  }

  stop(): void {
    this.#isBuying = false;
  }

  /** Sends what is not answered yet again, with the same keys, until each has a definite answer. */
  async settle(): Promise<void> {
    for (const purchase of this.unanswered) {
      for (let tries = 0; purchase.answer === null; tries += 1) {
        if (tries > 100) throw new Error(`No definite answer for ${purchase.userId}.`);
        purchase.answer = await this.send(purchase);
        if (purchase.answer === null) await wait(retryPauseMs);
      }
    }
  }

  /** Sends one request. @returns null when its outcome is not known */
  async send({ userId, key }: Purchase): Promise<Purchase["answer"]> {
    const { url, eventId, serviceKey } = this.#target();
    try {
      const response = await fetch(`${url}/v1/events/${eventId}/reservations`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${serviceKey}`,
          "content-type": "application/json",
          "idempotency-key": key,
        },
        body: JSON.stringify({ user_id: userId }),
        signal: AbortSignal.timeout(requestMaxMs),
      });
      const text = await response.text();
      const isDefinite = response.status < 500 && !text.includes("idempotency_in_progress");
      return isDefinite ? { status: response.status, text } : null;
    } catch {
      return null;
    }
  }
}
