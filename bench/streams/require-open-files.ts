import { readFile } from "node:fs/promises";
import { BenchError } from "../bench-error.ts";

/** Files that a worker and the followers have open beside the streams. */
const others = 200;

/**
 * Each stream is an open file of the worker and of the followers. Node takes as many as the hard limit allows.
 *
 * @throws BenchError when a process may not open enough; where the limit cannot be read, the run will show
 */
export async function requireOpenFiles(streams: number): Promise<void> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const hardLimit = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  if (!(hardLimit < streams + others)) return;
  throw new BenchError(
    `${streams} streams need ${streams + others} open files in one process, and only ${hardLimit} are allowed; ` +
      `raise the hard limit ("ulimit -Hn"), or ask for fewer with --connections.`,
  );
}
