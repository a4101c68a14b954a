import { type Loop, startLoop } from "../kernel/start-loop.ts";
import type { Database } from "../store/open-database.ts";
import { deleteOldestErrors, insertErrors, selectNewestErrors } from "../store/reported-errors.ts";
import { failureKindOf } from "../store/sqlstate.ts";
import { type ErrorFeed, feedEntriesMax } from "./error-feed.ts";

const intervalMs = 1_000;
const batchMax = 500;
/** Of all machines together. */
const keptMax = 10_000;
const cleanUpEveryBatches = 20;

/** Writes the feed to the database as well as it can, and reads back what an earlier supervisor has written. */
export class ErrorKeeper {
  readonly #database: Database;
  readonly #feed: ErrorFeed;
  readonly #nodeId: string;
  #isRestored = false;
  #batches = 0;
  #loop: Loop | null = null;

  constructor(database: Database, feed: ErrorFeed, nodeId: string) {
    this.#database = database;
    this.#feed = feed;
    this.#nodeId = nodeId;
  }

  start(): void {
    this.#loop = startLoop(
      async () => {
        await this.#restore();
        return (await this.#save()) === batchMax ? 0 : intervalMs;
      },
      // Entries wait in a queue that loses its oldest when it is full. An error about errors helps nobody.
      () => {},
    );
  }

  /** Writes what is left, once. */
  async stop(): Promise<void> {
    if (this.#loop === null) return;
    await this.#loop.stop();
    await this.#save().catch(() => {});
  }

  async #restore(): Promise<void> {
    if (this.#isRestored) return;
    this.#feed.restore(await selectNewestErrors(this.#database, this.#nodeId, feedEntriesMax));
    this.#isRestored = true;
  }

  /** @returns how many entries were written */
  async #save(): Promise<number> {
    const entries = this.#feed.unsaved(batchMax);
    const last = entries.at(-1);
    if (last === undefined) return 0;
    try {
      await insertErrors(this.#database, this.#nodeId, entries);
    } catch (error) {
      // What the database will never take must not stand in the way of the rest.
      if (failureKindOf(error) === "bad_value") this.#feed.markSaved(last.id);
      throw error;
    }
    this.#feed.markSaved(last.id);
    if (this.#batches % cleanUpEveryBatches === 0) await deleteOldestErrors(this.#database, keptMax);
    this.#batches += 1;
    return entries.length;
  }
}
