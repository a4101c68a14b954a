import { type JobBoard, readJobBoard } from "../store/job-board.ts";
import type { Database } from "../store/open-database.ts";
import { monotonicMs } from "./monotonic-clock.ts";

/** How many jobs of each queue and state can be listed. */
const listedMax = 100;
/** However many look, the board is read once in this time, and is read for a tenth of the time at most. */
const freshMs = 1_000;
const restPerReading = 9;
const restMaxMs = 10_000;

/** A board that was read, when, and whether it is as it should be. */
export interface SeenBoard extends JobBoard {
  /** Wall clock, in milliseconds since 1970. */
  readonly readAtMs: number;
  /** False when the last reading failed. */
  readonly isCurrent: boolean;
}

/** Reads the jobs from the database when somebody looks at them, and remembers them for a moment. */
export class JobWatch {
  readonly #database: Database;
  #seen: SeenBoard | null = null;
  #freshUntilMs = -Infinity;
  #wasForgotten = false;
  #reading: Promise<void> | null = null;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The jobs as they are now, or as they were last; null when they could never be read. Never throws. */
  async look(): Promise<SeenBoard | null> {
    if (this.#reading !== null || monotonicMs() >= this.#freshUntilMs) {
      this.#reading ??= this.#read().finally(() => (this.#reading = null));
      await this.#reading;
    }
    return this.#seen;
  }

  /** Has the next look read anew, because something has just been changed. */
  forget(): void {
    this.#freshUntilMs = -Infinity;
    this.#wasForgotten = true;
  }

  async #read(): Promise<void> {
    const startedAtMs = monotonicMs();
    this.#wasForgotten = false;
    let restMs = freshMs;
    try {
      const board = await readJobBoard(this.#database, listedMax);
      this.#seen = { ...board, readAtMs: Date.now(), isCurrent: true };
      restMs = Math.min(Math.max(freshMs, restPerReading * (monotonicMs() - startedAtMs)), restMaxMs);
    } catch {
      // Whoever watches the database tells that it is away.
      if (this.#seen !== null) this.#seen = { ...this.#seen, isCurrent: false };
    }
    // What is forgotten while it is being read stays forgotten.
    if (!this.#wasForgotten) this.#freshUntilMs = monotonicMs() + restMs;
  }
}
