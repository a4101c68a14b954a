/** Things to undo, the latest first. What cannot be undone does not keep the others from it. */
export class UndoList {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Undoes everything that was not undone yet. Never throws. */
  async all(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop())
      await step().catch(() => {});
  }
}
