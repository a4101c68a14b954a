import { OutboxFile } from "../outbox-file.ts";
import type { Email, EmailProvider } from "./email-provider.ts";

/** Delivers to `outbox/email.jsonl` in the data directory. */
export class DemoOutbox implements EmailProvider {
  readonly #file: OutboxFile;

  /** @param nowMs what is written down as the message's time, in ms since 1970 */
  constructor(dataDir: string, nowMs: () => number) {
    this.#file = new OutboxFile(dataDir, "email.jsonl", nowMs);
  }

  async send({ messageId, to, subject, text, html }: Email, signal: AbortSignal): Promise<void> {
    const message = { id: messageId, to, text, subject, html };
    await this.#file.add(message, signal);
  }

  async close(): Promise<void> {}
}
