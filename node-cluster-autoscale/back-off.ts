export interface BackOffRules {
  /** The pause before the third start in a row; it doubles with every failure. The second start comes at once. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A worker that has been ready for so long is good: its end is no failure to start. */
  readonly healthyAfterMs: number;
}

/**
 * Counts starts that fail in a row and says when the next may come.
 * Workers that were started together and fail together are one failure.
 */
export class BackOff {
  readonly #rules: BackOffRules;
  #failures = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #nextTryAtMs = Number.NEGATIVE_INFINITY;
  #lastExit = "";

  constructor(rules: BackOffRules) {
    this.#rules = rules;
  }

  get failures(): number {
    return this.#failures;
  }

  get lastExit(): string {
    return this.#lastExit;
  }

  get nextTryAtMs(): number {
    return this.#nextTryAtMs;
  }

  /** Whether starts have failed so often in a row that they are paced. */
  get isLooping(): boolean {
    return this.#failures > 1;
  }

  /** @returns how long the next start has to wait, or null when this failure had been counted already */
  recordFailure(startedAtMs: number, nowMs: number, lastExit: string): number | null {
    this.#lastExit = lastExit;
    if (startedAtMs < this.#failedAtMs) return null;
    this.#failures += 1;
    this.#failedAtMs = nowMs;
    const pauseMs = this.isLooping
      ? Math.min(this.#rules.maxMs, this.#rules.firstMs * 2 ** Math.min(this.#failures - 2, 30))
      : 0;
    this.#nextTryAtMs = nowMs + pauseMs;
    return pauseMs;
  }

  /** A worker that had been good has ended: its replacement need not wait. */
  allowOneNow(nowMs: number): void {
    this.#nextTryAtMs = Math.min(this.#nextTryAtMs, nowMs);
  }

  /** Whether a worker was started since the last failure, so that it tells something about the cause. */
  isNewerThanFailure(startedAtMs: number): boolean {
    return startedAtMs >= this.#failedAtMs;
  }

  /** A good worker ends the row. @returns how many failures there had been */
  recover(): number {
    const failures = this.#failures;
    this.#failures = 0;
    return failures;
  }

  /**
   * How many workers may be started now. While starts fail, one at a time: it shows whether the cause is gone.
   *
   * @param starting workers that are on their way
   * @param hasProof whether one that was started since the last failure is ready
   */
  startsAllowed(nowMs: number, starting: number, hasProof: boolean): number {
    if (!this.isLooping || hasProof) return Number.POSITIVE_INFINITY;
    return nowMs < this.#nextTryAtMs ? 0 : Math.max(0, 1 - starting);
  }
}
