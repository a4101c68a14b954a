import type { StockHub } from "./stock-hub.ts";
import { type FollowRequest, stockReport } from "./stock-messages.ts";

/** Streams come and go in crowds: what they follow together is told once for all of them. */
const gatherMs = 25;
/** A message can get lost when the supervisor is busy, so what is followed is told again. */
const repeatMs = 5_000;

/**
 * A worker's way to the supervisor, which looks at the stock of followed events once for all workers of the machine.
 * When the supervisor is gone, streams still tell what this worker's own desk does.
 */
export class SharedStock {
  readonly #send: (message: FollowRequest) => unknown;
  #hub: StockHub | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #repeating: NodeJS.Timeout | null = null;

  /** @param send passes a message to the supervisor, or drops it */
  constructor(send: (message: FollowRequest) => unknown) {
    this.#send = send;
  }

  /** From now on this hub gets the news. */
  connect(hub: StockHub): void {
    this.#hub = hub;
    this.#repeating = setInterval(() => {
      if (hub.size > 0) this.announceSoon();
    }, repeatMs).unref();
  }

  /** Tells the supervisor in a moment what is followed. */
  announceSoon(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      if (this.#hub !== null) this.#send({ kind: "follow_stock", event_ids: this.#hub.followedEvents() });
    }, gatherMs).unref();
  }

  /**
   * Takes in a message of the supervisor.
   *
   * @param message as it came from another process, hence of any shape
   * @returns false when it is no well-formed report; then it was ignored
   */
  receive(message: unknown): boolean {
    const parsed = stockReport.safeParse(message);
    if (!parsed.success) return false;
    for (const news of parsed.data.news) this.#hub?.receive(news);
    return true;
  }

  stop(): void {
    for (const timer of [this.#gathering, this.#repeating]) if (timer !== null) clearTimeout(timer);
  }
}
