import { type WorkerMessage, wrap } from "./messages.ts";

/** Messages that the primary has not taken yet. A primary that takes none is stalled or gone. */
const unsentMax = 1_000;

/** The way from a worker to its primary. Nothing here waits, throws or piles up when the primary is stalled or gone. */
export class PrimaryChannel {
  #unsent = 0;
  #unsentReports = 0;

  constructor() {
    // Node tells a channel that broke while it handed over a connection as an error of the process. The end of the
    // channel itself follows, and that is what counts.
    process.on("error", () => {});
  }

  /** Whether the last report has left. As long as it has not, another one would only join the queue. */
  get isFree(): boolean {
    return process.connected && this.#unsentReports === 0;
  }

  /**
   * @returns when the message has left, or cannot
   * @throws TypeError when JSON cannot carry it
   */
  async send(message: WorkerMessage): Promise<void> {
    if (process.send === undefined || !process.connected || this.#unsent >= unsentMax) return;
    const reports = message.kind === "report" ? 1 : 0;
    const sent = Promise.withResolvers<void>();
    this.#count(1, reports);
    try {
      process.send(wrap(message), () => sent.resolve());
      await sent.promise;
    } finally {
      this.#count(-1, -reports);
    }
  }

  #count(messages: number, reports: number): void {
    this.#unsent += messages;
    this.#unsentReports += reports;
  }
}
