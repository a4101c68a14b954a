import { endianness } from "node:os";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { type Mark, seriesReply } from "../contract/dashboard.ts";
import { latencyBounds } from "./count-answers.ts";
import { historyColumns, historySeconds } from "./second-history.ts";

/** What the charts are drawn from, as one supervisor leaves it to the next. */
export interface SavedHistory {
  /** Wall clock, in milliseconds since 1970. */
  readonly savedAtMs: number;
  /** The second that `figures` ends with: wall clock, since 1970. */
  readonly newestSecond: number;
  readonly marks: readonly Mark[];
  /** Made by `SecondHistory.copy`. */
  readonly figures: Buffer;
}

/** A file with another layout was written by another version, whose figures would be taken for others here. */
const layout = JSON.stringify({
  version: 1,
  byteOrder: endianness(),
  seconds: historySeconds,
  columns: historyColumns,
  latencyBounds,
});

const header = z.strictObject({
  layout: z.literal(layout),
  saved_at_ms: z.int().min(0),
  newest_second: z.int().min(0),
  marks: seriesReply.shape.marks,
});

const lengthBytes = 4;
/** The figures take 4 MB; a thousand marks of the longest text take 3 MB more. */
const historyBytesMax = 8 * 1024 * 1024;

/** Lays a history out for a file. The parts are to be written one after the other, compressed with gzip. */
export function layOutHistory({ savedAtMs, newestSecond, marks, figures }: SavedHistory): [Buffer, Buffer] {
  const text: z.input<typeof header> = {
    layout,
    saved_at_ms: savedAtMs,
    newest_second: newestSecond,
    marks: [...marks],
  };
  const bytes = Buffer.from(JSON.stringify(text));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(bytes.length);
  return [Buffer.concat([length, bytes]), figures];
}

/**
 * Reads the bytes of a file.
 *
 * @throws Error when they are damaged, too many, or of another version
 */
export function parseHistory(file: Buffer): SavedHistory {
  // The format has a checksum, so what can be expanded is what was written.
  const bytes = gunzipSync(file, { maxOutputLength: historyBytesMax });
  const end = lengthBytes + bytes.readUInt32LE();
  const read = header.parse(JSON.parse(bytes.toString("utf8", lengthBytes, end)));
  return {
    savedAtMs: read.saved_at_ms,
    newestSecond: read.newest_second,
    marks: read.marks,
    figures: bytes.subarray(end),
  };
}
