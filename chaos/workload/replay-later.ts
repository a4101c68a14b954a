import type { SeededRandom } from "../seeded-random.ts";

const soonestMs = 100;
const latestMs = 15_000;
/** Those who find it full are not repeated. */
const waitingMax = 256;

/** Repeats something after a while that chance decides: some in the same fault, some after it. */
export class ReplayQueue {
  readonly #random: SeededRandom;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  add(replay: () => void): void {
    const waitMs = this.#random.between(soonestMs, latestMs);
    if (this.#isStopped || this.#timers.size >= waitingMax) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      replay();
    }, waitMs);
    this.#timers.add(timer);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
