/** Tells when something is acknowledged that was asked for after a given moment. */
export class AcknowledgementWatch {
  #lastSent = 0;
  #waiting: { readonly after: number; readonly resolve: (atMs: number) => void }[] = [];

  /** Takes note of an attempt that is being sent. @returns its place in the order of sending */
  noteSent(): number {
    this.#lastSent += 1;
    return this.#lastSent;
  }

  /** Takes note of a definite answer. @param sent the place of the attempt that it answers */
  noteAnswered(sent: number, atMs: number): void {
    const answered = this.#waiting.filter(({ after }) => sent > after);
    if (answered.length === 0) return;
    this.#waiting = this.#waiting.filter(({ after }) => sent <= after);
    for (const { resolve } of answered) resolve(atMs);
  }

  /** @returns when the first attempt was answered that had been sent after this call. Rejects on abort */
  next(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return void reject(signal.reason);
      const giveUp = () => {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        reject(signal.reason);
      };
      const entry = {
        after: this.#lastSent,
        resolve: (atMs: number) => {
          signal.removeEventListener("abort", giveUp);
          resolve(atMs);
        },
      };
      this.#waiting.push(entry);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }
}
