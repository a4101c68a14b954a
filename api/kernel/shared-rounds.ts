import { setTimeout as wait } from "node:timers/promises";

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface RoundLimits {
  /** The most items that share a round. */
  readonly itemsMax: number;
  /** The most items that may wait for a round. */
  readonly waitingMax: number;
  /** How long a round waits for company before it sets out; not at all when absent. */
  readonly gatherMs?: number;
}

/** More is asked for than can be waited for. */
export class TooManyWaitingError extends Error {}

/**
 * Lets calls share the trips to whoever answers them. One round is under way at a time; what arrives meanwhile goes
 * with the next, so nobody waits for company unless told to, and the busier it is, the more share a trip.
 */
export class SharedRounds<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #limits: RoundLimits;
  #waiting: Waiting<Item, Answer>[] = [];
  #isRunning = false;

  /** @param run answers all items of a round, in their order; what it throws is thrown to each of them */
  constructor(run: (items: readonly Item[]) => Promise<readonly Answer[]>, limits: RoundLimits) {
    this.#run = run;
    this.#limits = limits;
  }

  /** @throws TooManyWaitingError, or whatever the round failed with */
  ask(item: Item): Promise<Answer> {
    if (this.#waiting.length >= this.#limits.waitingMax)
      return Promise.reject(new TooManyWaitingError("Too many calls wait already."));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#runRounds();
    });
  }

  /** Never rejects: each failure goes to those who wait for that round. */
  async #runRounds(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      if (this.#limits.gatherMs !== undefined) await wait(this.#limits.gatherMs);
      const round = this.#waiting.splice(0, this.#limits.itemsMax);
      await this.#runRound(round);
    }
    this.#isRunning = false;
  }

  async #runRound(round: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#run(round.map(({ item }) => item));
      if (answers.length !== round.length) throw new Error("A round did not answer each of its items.");
      answers.forEach((answer, index) => round[index]?.resolve(answer));
    } catch (error) {
      for (const { reject } of round) reject(error);
    }
  }
}
