import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const pollMs = 100;
const bytesPerLookMax = 64 * 1024;
const phonesMax = 5_000;
const lineMax = 4_096;

/** Reads the codes that the demo's gateway has sent, as their owners would on their phones. */
export class CodeReader {
  readonly #path: string;
  readonly #codes = new Map<string, string>();
  #offset = 0;
  #rest = "";

  /** @param dataDir of the service */
  constructor(dataDir: string) {
    this.#path = join(dataDir, "outbox/sms.jsonl");
  }

  /** The code that a phone was sent last; undefined when it was not sent one, or long ago. */
  codeOf(phone: string): string | undefined {
    return this.#codes.get(phone);
  }

  /** Follows the file until the signal aborts. Never rejects: it may be gone, cut short, or unreadable for a while. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isMore = await this.#look().catch(() => false);
      if (!isMore) await wait(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns whether there may be more to read at once */
  async #look(): Promise<boolean> {
    const file = await open(this.#path, "r");
    try {
      const { size } = await file.stat();
      if (size < this.#offset) {
        this.#offset = 0;
        this.#rest = "";
      }
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(bytesPerLookMax),
        0,
        bytesPerLookMax,
        this.#offset,
      );
      this.#offset += bytesRead;
      this.#take(buffer.toString("latin1", 0, bytesRead));
      return bytesRead === bytesPerLookMax;
    } finally {
      await file.close();
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = (lines.pop() ?? "").slice(-lineMax);
    for (const line of lines) {
      const phone = /"to":"(\+\d+)"/.exec(line)?.[1];
      const code = /"text":"(\d{6})\b/.exec(line)?.[1];
      if (phone === undefined || code === undefined) continue;
      // Set anew, so that the oldest stands first.
      this.#codes.delete(phone);
      this.#codes.set(phone, code);
      const oldest = this.#codes.keys().next();
      if (this.#codes.size > phonesMax && oldest.done !== true) this.#codes.delete(oldest.value);
    }
  }
}
