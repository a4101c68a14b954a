import { setTimeout as wait } from "node:timers/promises";
import { RequestWriter, UserNumbers } from "../load/hold-requests.ts";
import type { LoadPlan, ReceivedHolds } from "../load/load-plan.ts";
import { ReceivedHoldsCollector } from "../load/received-holds.ts";
import { type Answer, BuyerConnection, noAnswerInTime } from "./buyer-connection.ts";

const tickMs = 5;
/** What a service that is behind may be asked at once when it has caught up, in seconds of the rate. */
const backlogMaxSeconds = 0.1;
const answerMaxMs = 10_000;
const retryPauseMs = 20;
/** How long the last answers are waited for, and how long requests without an answer are sent again. */
const settleMaxMs = 15_000;

/** What the buyers met until they stopped. */
export interface BuyersResult {
  readonly answered: number;
  /** What was no 201, by its reason. Each was asked again under its key. */
  readonly failures: Readonly<Record<string, number>>;
  /** Buyers that never got a 201, however often they asked. */
  readonly unanswered: number;
  /** Requests that were neither answered nor broken off; also counted as failures. */
  readonly hanging: number;
  /** Connections that the service closed in good order. */
  readonly closedByService: number;
  readonly received: ReceivedHolds;
}

interface Buyer {
  readonly connection: BuyerConnection;
  readonly writer: RequestWriter;
}

interface Watcher {
  readonly sinceMs: number;
  readonly resolve: (atMs: number) => void;
}

/**
 * Buyers who come at a rate that can be changed at any time, over connections that take turns. Each asks for a ticket
 * under an Idempotency-Key of its own, and asks again under the same key when there is no right answer.
 */
export class PacedBuyers {
  readonly #idle: Buyer[];
  readonly #all: readonly Buyer[];
  readonly #users = new UserNumbers();
  readonly #received = new ReceivedHoldsCollector();
  readonly #failures = new Map<string, number>();
  /** Buyers that have to ask again. */
  readonly #again: number[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #timer: NodeJS.Timeout;
  #inFlight = 0;
  #answered = 0;
  #ratePerSecond = 0;
  #owed = 0;
  #tickedAtMs = performance.now();
  #isStopped = false;

  /** @param plan only the address, the kind, the events and the users of it count; `connections` is how many there are */
  constructor(plan: LoadPlan) {
    const { host, port, connections } = plan;
    this.#all = Array.from({ length: connections }, () => ({
      connection: new BuyerConnection({ host, port }, answerMaxMs),
      writer: new RequestWriter(plan),
    }));
    this.#idle = [...this.#all];
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** 201s so far. */
  get answered(): number {
    return this.#answered;
  }

  /** Buyers who have asked and have no right answer yet. */
  get waiting(): number {
    return this.#inFlight + this.#again.length;
  }

  /** Connections that the service closed in good order so far. */
  get closedByService(): number {
    return this.#all.reduce((sum, { connection }) => sum + connection.closedByService, 0);
  }

  /** From now on. Buyers of the rate before who are late do not come any more. */
  setRate(perSecond: number): void {
    this.#ratePerSecond = perSecond;
    this.#owed = 0;
  }

  /**
   * Waits for a 201 to a request that was sent from now on.
   *
   * @returns how long that took in milliseconds; null when it took longer than `limitMs`
   */
  async timeNextAnswer(limitMs: number): Promise<number | null> {
    const sinceMs = performance.now();
    const giveUp = new AbortController();
    const limit = wait(limitMs, null, { signal: giveUp.signal }).catch(() => null);
    const { promise, resolve } = Promise.withResolvers<number>();
    const watcher = { sinceMs, resolve };
    this.#watchers.add(watcher);
    const atMs = await Promise.race([promise, limit]);
    this.#watchers.delete(watcher);
    giveUp.abort();
    return atMs === null ? null : atMs - sinceMs;
  }

  /** Ends new purchases, and waits for the answers to those that have begun: for a bounded time. */
  async stop(): Promise<BuyersResult> {
    this.setRate(0);
    const giveUpAtMs = performance.now() + settleMaxMs;
    while (this.waiting > 0 && performance.now() < giveUpAtMs) await wait(tickMs);
    const unanswered = this.waiting;
    this.abandon();
    return {
      answered: this.#answered,
      failures: Object.fromEntries(this.#failures),
      hanging: this.#failures.get(noAnswerInTime) ?? 0,
      unanswered,
      closedByService: this.closedByService,
      received: this.#received.toColumns(),
    };
  }

  /** Cuts every connection at once. */
  abandon(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const { connection } of this.#all) connection.close();
  }

  #tick(): void {
    const nowMs = performance.now();
    const seconds = (nowMs - this.#tickedAtMs) / 1000;
    this.#tickedAtMs = nowMs;
    const backlogMax = Math.max(this.#ratePerSecond * backlogMaxSeconds, 1);
    this.#owed = Math.min(this.#owed + this.#ratePerSecond * seconds, backlogMax);
    while (this.#idle.length > 0 && (this.#again.length > 0 || this.#owed >= 1)) {
      const userNumber = this.#again.shift() ?? this.#takeNew();
      const buyer = this.#idle.shift();
      if (buyer !== undefined) void this.#buy(buyer, userNumber);
    }
  }

  #takeNew(): number {
    this.#owed -= 1;
    return this.#users.take();
  }

  async #buy(buyer: Buyer, userNumber: number): Promise<void> {
    const sinceMs = performance.now();
    this.#inFlight += 1;
    const answer = await buyer.connection.ask(buyer.writer.hold(userNumber, 0));
    if (this.#isStopped) return;
    const isRight = this.#note(answer, userNumber, sinceMs);
    // The buyer keeps its connection for itself until it asks again: a service that is down is not asked in a hurry.
    if (!isRight) await wait(retryPauseMs);
    if (!isRight) this.#again.push(userNumber);
    this.#inFlight -= 1;
    this.#idle.push(buyer);
  }

  /** @returns whether this was the answer that a buyer wants */
  #note(answer: Answer, userNumber: number, sinceMs: number): boolean {
    if (answer.kind === "failed" || answer.status !== 201) {
      const reason = answer.kind === "failed" ? answer.reason : `status ${answer.status}`;
      this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
      return false;
    }
    this.#answered += 1;
    this.#received.add(answer.bytes, answer.idStart, userNumber, 0);
    const nowMs = performance.now();
    for (const watcher of this.#watchers) if (sinceMs >= watcher.sinceMs) watcher.resolve(nowMs);
    return true;
  }
}
