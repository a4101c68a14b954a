import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { SharedRounds } from "../kernel/shared-rounds.ts";

/**
 * A file of the demo's outbox in the data directory: one line of JSON for each message. Several processes may write to
 * it at once.
 */
export class OutboxFile {
  readonly #folder: string;
  readonly #name: string;
  readonly #nowMs: () => number;
  readonly #rounds: SharedRounds<string, null>;

  /** @param nowMs what is written down as a message's time, in ms since 1970 */
  constructor(dataDir: string, name: string, nowMs: () => number) {
    this.#folder = join(dataDir, "outbox");
    this.#name = name;
    this.#nowMs = nowMs;
    this.#rounds = new SharedRounds((lines) => this.#append(lines), { itemsMax: 100, waitingMax: 1_000 });
  }

  /** Writes a message down. @throws when it could not be written whole, or the signal has aborted before */
  async add(
    { id, to, text, ...more }: { readonly id: string; readonly to: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const at = new Date(this.#nowMs()).toISOString();
    await this.#rounds.ask(`${JSON.stringify({ id, to, text, at, ...more })}\n`);
  }

  /** Writes down what several add at the same time. */
  async #append(lines: readonly string[]): Promise<readonly null[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(join(this.#folder, this.#name), "a", 0o600);
    try {
      const bytes = Buffer.from(lines.join(""));
      // One call, so that no other process's line comes to stand within this one.
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) {
        // The disk is full. What was begun must not swallow the line that comes next.
        await file.write("\n").catch(() => {});
        throw new Error("A message could not be written to the outbox whole.");
      }
    } finally {
      await file.close();
    }
    return lines.map(() => null);
  }
}
