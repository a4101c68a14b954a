import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Email, EmailProvider } from "./email-provider.ts";

/**
 * Delivers to a file: one line of JSON for each message in `outbox/email.jsonl` of the data directory. Several
 * processes may write to it at once.
 */
export class DemoOutbox implements EmailProvider {
  readonly #folder: string;
  readonly #nowMs: () => number;

  /** @param nowMs what is written down as the message's time, in ms since 1970 */
  constructor(dataDir: string, nowMs: () => number) {
    this.#folder = join(dataDir, "outbox");
    this.#nowMs = nowMs;
  }

  async send({ messageId, to, subject, text, html }: Email, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const at = new Date(this.#nowMs()).toISOString();
    const line = JSON.stringify({ id: messageId, to, text, at, subject, html });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(join(this.#folder, "email.jsonl"), "a", 0o600);
    try {
      const bytes = Buffer.from(`${line}\n`);
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
  }

  async close(): Promise<void> {}
}
