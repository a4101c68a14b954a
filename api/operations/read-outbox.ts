import { open } from "node:fs/promises";
import { z } from "zod";
import type { Outbox } from "../contract/job-lists.ts";
import { instant } from "../contract/values.ts";

const listedMax = 50;
/** Enough for the last messages with all their parts; what lies before is not read. */
const readBytesMax = 512 * 1024;
const textMax = { to: 254, text: 2_000, id: 200 } as const;

const line = z.object({ id: z.string(), to: z.string(), text: z.string(), at: instant });

/** The last messages of a demo provider, newest first. @param file null when messages go to a real provider */
export async function readOutbox(file: string | null): Promise<Outbox> {
  if (file === null) return { is_kept: false, data: [] };
  const lines = (await readEnd(file)).split("\n");
  const messages = lines.flatMap((text) => readLine(text) ?? []);
  return { is_kept: true, data: messages.slice(-listedMax).toReversed() };
}

/** The whole lines at the end of a file; nothing when there is none yet. */
async function readEnd(path: string): Promise<string> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - readBytesMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    await file.close();
  }
}

/** A line that is no message, as one that a full disk has cut, is left out. */
function readLine(text: string): Outbox["data"][number] | null {
  if (text === "") return null;
  const parsed = line.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { id, to, text: words, at } = parsed.data;
  return {
    id: id.slice(0, textMax.id),
    to: to.slice(0, textMax.to),
    text: words.length > textMax.text ? `${words.slice(0, textMax.text)}…` : words,
    at,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
