import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { SharedRounds } from "../../kernel/shared-rounds.ts";
import type { Email, EmailProvider } from "./email-provider.ts";

/**
 * Delivers to a file: one line of JSON for each message in `outbox/email.jsonl` of the data directory. Several
 * processes may write to it at once.
 */
export class DemoOutbox implements EmailProvider {
  readonly #folder: string;
  readonly #nowMs: () => number;
  readonly #rounds: SharedRounds<string, null>;

  /** @param nowMs what is written down as the message's time, in ms since 1970 */
  constructor(dataDir: string, nowMs: () => number) {
    this.#folder = join(dataDir, "outbox");
    this.#nowMs = nowMs;
    this.#rounds = new SharedRounds((lines) => this.#append(lines), { itemsMax: 100, waitingMax: 1_000 });
  }

  async send({ messageId, to, subject, text, html }: Email, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const at = new Date(this.#nowMs()).toISOString();
    await this.#rounds.ask(`${JSON.stringify({ id: messageId, to, text, at, subject, html })}\n`);
  }

  async close(): Promise<void> {}

  /** Writes down what several send at the same time. */
  async #append(lines: readonly string[]): Promise<readonly null[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(join(this.#folder, "email.jsonl"), "a", 0o600);
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
