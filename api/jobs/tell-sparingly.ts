/** A failure that goes on is told this often: an outage must not fill the log. */
const tellAgainAfterMs = 30_000;

/** Tells the first of failures in a row, and then one every half minute. */
export class SparingTeller {
  readonly #tell: (error: unknown) => void;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(tell: (error: unknown) => void) {
    this.#tell = tell;
  }

  fail(error: unknown): void {
    if (performance.now() - this.#toldAtMs < tellAgainAfterMs) return;
    this.#toldAtMs = performance.now();
    this.#tell(error);
  }

  /** The next failure is a new one. */
  succeed(): void {
    this.#toldAtMs = Number.NEGATIVE_INFINITY;
  }
}
