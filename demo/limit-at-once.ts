/** Lets at most so many through at once; the others wait their turn in the order in which they came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  /** The place of the first who still waits, so that leaving the queue moves nobody. */
  #first = 0;

  constructor(slotsMax: number) {
    this.#free = slotsMax;
  }

  get isFull(): boolean {
    return this.#free === 0;
  }

  /** Takes a slot, which must be given back. Waits for one when all are taken. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting[this.#first];
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#first += 1;
    if (this.#first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    next();
  }
}
