import { OutboxFile } from "../outbox-file.ts";
import type { Sms, SmsProvider } from "./sms-provider.ts";

/** Delivers to `outbox/sms.jsonl` in the data directory. */
export class DemoSmsOutbox implements SmsProvider {
  readonly #file: OutboxFile;

  /** @param nowMs what is written down as the message's time, in ms since 1970 */
  constructor(dataDir: string, nowMs: () => number) {
    this.#file = new OutboxFile(dataDir, "sms.jsonl", nowMs);
  }

  async send({ id, to, text }: Sms, signal: AbortSignal): Promise<void> {
    await this.#file.add({ id, to, text }, signal);
  }

  async close(): Promise<void> {}
}
