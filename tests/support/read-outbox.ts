import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "./wait-for.ts";

export interface SentSms {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly at: string;
}

/** The text messages that the demo's gateway has taken, oldest first. */
export async function readSms(dataDir: string): Promise<SentSms[]> {
  const text = await readFile(join(dataDir, "outbox/sms.jsonl"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as SentSms);
}

/** The code of a message. */
export function codeIn(sms: SentSms): string {
  const code = /^\d{6}\b/.exec(sms.text)?.[0];
  if (code === undefined) throw new Error(`There is no code in "${sms.text}".`);
  return code;
}

/** Waits until a phone was sent so many codes. @returns the last of them */
export async function awaitCode(dataDir: string, phoneNumber: string, count = 1): Promise<string> {
  const sent = await waitFor(
    `${count} codes to ${phoneNumber}`,
    async () => {
      const its = (await readSms(dataDir)).filter(({ to }) => to === phoneNumber);
      return its.length >= count && its;
    },
    20_000,
  );
  return codeIn(sent[count - 1] as SentSms);
}

/** Another code than this one: the `index`th of them. */
export function otherCode(code: string, index = 1): string {
  return String((Number(code) + index) % 1_000_000).padStart(6, "0");
}
