/** How many requests may be without an answer at once. */
export class AttemptSlots {
  readonly #max: number;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.#max;
  }

  /** Waits for a place. There is an end to that: every attempt has a limit. */
  async take(): Promise<void> {
    if (this.isFull) {
      // Whoever leaves hands its place on.
      await new Promise<void>((go) => this.#waiting.push(go));
      return;
    }
    this.#taken += 1;
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
