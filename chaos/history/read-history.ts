import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { HistoryEntry } from "./history-entry.ts";

/** The entries of a history in the order in which they were written. @throws when a line is not whole */
export async function* readHistory(path: string): AsyncGenerator<HistoryEntry> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    // The recorder is the only one who writes here.
    yield JSON.parse(line) as HistoryEntry;
  }
}
