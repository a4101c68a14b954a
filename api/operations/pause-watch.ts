import { type Loop, startLoop } from "../kernel/start-loop.ts";
import { type RecentPause, selectRecentPauses } from "../store/event-audits.ts";
import type { Database } from "../store/open-database.ts";
import type { MarkLog } from "./mark-log.ts";
import { historySeconds } from "./second-history.ts";

const intervalMs = 1_000;
/** How far each look goes back. An audit may become visible some seconds after the moment it tells. */
const lookBackSeconds = 60;
const pausesMax = 200;

/** Draws each pause and resumption on the charts, on whichever machine and by whatever way it was made. */
export class PauseWatch {
  readonly #database: Database;
  readonly #marks: MarkLog;
  #seen: ReadonlySet<number> = new Set();
  #withinSeconds = historySeconds;
  #loop: Loop | null = null;

  constructor(database: Database, marks: MarkLog) {
    this.#database = database;
    this.#marks = marks;
  }

  start(): void {
    this.#loop = startLoop(
      async () => {
        await this.#look();
        return intervalMs;
      },
      // The database watch tells when the database is away.
      () => {},
    );
  }

  /** Looks at once, because something has just been changed. */
  lookNow(): void {
    this.#loop?.runNow();
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  async #look(): Promise<void> {
    const options = { withinSeconds: this.#withinSeconds, entriesMax: pausesMax };
    const pauses = await selectRecentPauses(this.#database, options);
    for (const pause of pauses) {
      if (!this.#seen.has(pause.id))
        this.#marks.note(pause.action, describe(pause), Date.now() - pause.agoMs);
    }
    // What has left the window never comes back into it.
    this.#seen = new Set(pauses.map(({ id }) => id));
    this.#withinSeconds = lookBackSeconds;
  }
}

function describe({ action, eventName, actor, reason }: RecentPause): string {
  return `${eventName} ${action} by ${actor}${reason === null ? "" : `: ${reason}`}`;
}
