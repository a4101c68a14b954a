import type { Readable } from "node:stream";

const keptMax = 65_536;

/** Reads a stream to its end. @returns a function that gives the end of what has come so far */
export function keepTail(stream: Readable | null): () => string {
  let tail = "";
  stream?.on("data", (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-keptMax)));
  stream?.on("error", () => {});
  return () => tail;
}
