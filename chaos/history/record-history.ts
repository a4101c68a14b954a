import { closeSync, openSync, writeSync } from "node:fs";
import type { HistoryEntry, NewEntry } from "./history-entry.ts";

/** Of what run a history is. */
export interface RunName {
  readonly run: string;
  readonly seed: number;
}

/** Writes the history of a run, a line of JSON for each entry, to a file that no fault touches. */
export class HistoryRecorder {
  readonly path: string;
  readonly #name: RunName;
  readonly #file: number;
  readonly #beganAtMs = performance.now();
  #seq = 0;

  /** @param path must not exist yet */
  constructor(path: string, name: RunName) {
    this.path = path;
    this.#name = name;
    this.#file = openSync(path, "ax", 0o600);
  }

  /** Milliseconds since the run began, by a clock that nothing sets. */
  nowMs(): number {
    return performance.now() - this.#beganAtMs;
  }

  /** Adds an entry. When this returns, the operating system has it: the end of this process cannot lose it. */
  record(entry: NewEntry): HistoryEntry {
    this.#seq += 1;
    const placed: HistoryEntry = { ...this.#name, seq: this.#seq, ...entry };
    writeSync(this.#file, `${JSON.stringify(placed)}\n`);
    return placed;
  }

  close(): void {
    closeSync(this.#file);
  }
}
