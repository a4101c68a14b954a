/**
 * This process's estimate of the database's time, for what is shown or signed but not judged: deadlines are judged
 * by the database itself. The estimate never reads this machine's wall clock.
 */
export class DatabaseClock {
  #offsetMs: number;
  readonly #monotonicMs: () => number;

  /** @param nowMs database time, in milliseconds since 1970, read just now */
  constructor(nowMs: number, monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
    this.#offsetMs = nowMs - monotonicMs();
  }

  /** Takes in a fresh reading of the database's time. */
  observe(nowMs: number): void {
    this.#offsetMs = nowMs - this.#monotonicMs();
  }

  nowMs(): number {
    return Math.floor(this.#offsetMs + this.#monotonicMs());
  }
}
