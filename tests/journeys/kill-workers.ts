import { setTimeout as wait } from "node:timers/promises";
import type { OperationsWatcher } from "../support/watch-operations.ts";

/** Kills one worker after the other without a word, each as soon as another has taken the last one's place. */
export class WorkerKiller {
  readonly #watch: OperationsWatcher;
  readonly #pauseMs: number;
  readonly #stopping = new AbortController();
  #kills = 0;
  #working: Promise<void> = Promise.resolve();

  constructor(watch: OperationsWatcher, pauseMs: number) {
    this.#watch = watch;
    this.#pauseMs = pauseMs;
  }

  get kills(): number {
    return this.#kills;
  }

  start(next: () => number): void {
    this.#working = this.#work(next);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(next: () => number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await wait(this.#pauseMs, undefined, { signal }).catch(() => {});
      const pids = signal.aborted ? [] : await this.#watch.readyPids();
      const pid = pids[Math.floor(next() * pids.length)];
      // The last one is spared, so that the sale goes on.
      if (pid === undefined || pids.length < 2) continue;
      process.kill(pid, "SIGKILL");
      this.#kills += 1;
    }
  }
}
