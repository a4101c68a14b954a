import { WorkloadEnded } from "./call.ts";

const tickMs = 5;
/** What was not begun in time is not made up for in one rush later. */
const arrearsMaxMs = 50;

interface PaceOptions {
  readonly perSecond: number;
  /** Whether there is no room for another request now. */
  readonly isFull: () => boolean;
  /** Begins a journey, whose first call has had its turn. @returns whether one was begun */
  readonly beginJourney: () => boolean;
}

/**
 * Begins calls at a rate, whether or not the earlier ones were answered. Each turn goes to the call that has waited
 * longest; when none waits, to a new journey. A turn for which there is no room is dropped, and counted.
 */
export class Pacer {
  readonly #options: PaceOptions;
  readonly #timer: NodeJS.Timeout;
  #perSecond: number;
  #turns = 0;
  #lastTickMs = performance.now();
  #waiting: { readonly count: number; readonly go: () => void; readonly end: () => void }[] = [];
  #isStopped = false;
  /** Turns for which there was no room. */
  dropped = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#perSecond = options.perSecond;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  setRate(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  /**
   * Waits until so many calls may begin at once.
   *
   * @throws WorkloadEnded once the pacer is stopped
   */
  turn(count = 1): Promise<void> {
    if (this.#isStopped) return Promise.reject(new WorkloadEnded());
    return new Promise((go, reject) => {
      this.#waiting.push({ count, go, end: () => reject(new WorkloadEnded()) });
    });
  }

  /** Begins nothing any more, and ends whatever waits. */
  stop(): void {
    clearInterval(this.#timer);
    this.#isStopped = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { end } of waiting) end();
  }

  #tick(): void {
    const nowMs = performance.now();
    const sinceMs = Math.min(nowMs - this.#lastTickMs, arrearsMaxMs);
    this.#lastTickMs = nowMs;
    this.#turns += (sinceMs * this.#perSecond) / 1000;
    while (this.#turns >= 1) {
      if (this.#options.isFull()) return this.#drop();
      const next = this.#waiting.shift();
      if (next === undefined && !this.#options.beginJourney()) return this.#drop();
      // Many at once are paid for by a pause after them.
      this.#turns -= next?.count ?? 1;
      next?.go();
    }
  }

  #drop(): void {
    const whole = Math.floor(this.#turns);
    this.dropped += whole;
    this.#turns -= whole;
  }
}
