import { createWriteStream, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { MarkKind } from "../contract/dashboard.ts";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import { layOutHistory, parseHistory, type SavedHistory } from "./history-file.ts";
import type { MarkLog } from "./mark-log.ts";
import { clockOffsetMs, monotonicMs } from "./monotonic-clock.ts";
import { historySeconds, type SecondHistory } from "./second-history.ts";

/** How much of the charts a kill -9 of this process may cost. */
const saveEveryMs = 30_000;
/** The database tells these again at every start. */
const marksOfDatabase: ReadonlySet<MarkKind> = new Set(["paused", "resumed"]);

interface KeptParts {
  readonly history: SecondHistory;
  readonly marks: MarkLog;
  /** Is told of what went wrong. */
  readonly onTrouble: (message: string, error: unknown) => void;
}

/**
 * Keeps the charts' figures and marks in a file, so that they outlive this process. Best effort: whatever goes wrong
 * is told, and the charts begin anew.
 */
export class HistoryKeeper {
  readonly #file: string;
  readonly #parts: KeptParts;
  #loop: Loop | null = null;

  constructor(file: string, parts: KeptParts) {
    this.#file = file;
    this.#parts = parts;
  }

  /**
   * Takes back what was saved, with a gap for the time in between. Must come before anything is measured, which is
   * why it does not read in the background: nobody is served yet who could wait.
   */
  restore(): void {
    try {
      const saved = parseHistory(readFileSync(this.#file));
      if (saved.savedAtMs > Date.now()) throw new Error("It was saved in the future: the clock went back.");
      this.#takeBack(saved);
    } catch (error) {
      // At the first start there is none.
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
      this.#parts.onTrouble("The charts begin anew: what was saved of them cannot be used.", error);
    }
  }

  /** Saves now, and again and again. */
  start(): void {
    this.#loop = startLoop(
      async () => {
        await this.#trySave();
        return saveEveryMs;
      },
      // A failure is told below, and tried again no sooner than any other round.
      () => {},
    );
  }

  /** Saves a last time, if it was started: before, the file may belong to another process. */
  async stop(): Promise<void> {
    if (this.#loop === null) return;
    await this.#loop.stop();
    await this.#trySave();
  }

  async #trySave(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      this.#parts.onTrouble("The charts' figures could not be saved.", error);
    }
  }

  /** Replaces the file in one step. Only the copy is made here and now; the rest is done beside everything else. */
  async #save(): Promise<void> {
    const { history, marks } = this.#parts;
    if (history.newest === null) return;
    const nowMs = Date.now();
    const parts = layOutHistory({
      savedAtMs: nowMs,
      newestSecond: history.newest + offsetSeconds(),
      marks: marks.since(nowMs - historySeconds * 1_000).filter(({ kind }) => !marksOfDatabase.has(kind)),
      figures: history.copy(),
    });
    const draft = `${this.#file}.draft`;
    await pipeline(Readable.from(parts), createGzip({ level: 1 }), createWriteStream(draft));
    await rename(draft, this.#file);
  }

  #takeBack({ newestSecond, figures, marks }: SavedHistory): void {
    const seconds = {
      newest: newestSecond - offsetSeconds(),
      now: Math.round(monotonicMs() / 1_000),
    };
    if (!this.#parts.history.restore(figures, seconds)) throw new Error("It is of another length.");
    for (const { kind, text, at } of marks) this.#parts.marks.note(kind, text, Date.parse(at));
  }
}

/** From the seconds of the history to those of the wall clock. */
function offsetSeconds(): number {
  return clockOffsetMs() / 1_000;
}
