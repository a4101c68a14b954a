import { copyFile, stat, truncate } from "node:fs/promises";
import { readErrorCode } from "./embedded-postgres-error.ts";

const LOG_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Keeps the server's log small: past 8 MiB it becomes `.1` and starts again. It is copied and emptied, because
 * the running server keeps its file open for appending.
 */
export async function boundLog(logFile: string): Promise<void> {
  try {
    if ((await stat(logFile)).size <= LOG_BYTES_MAX) return;
    await copyFile(logFile, `${logFile}.1`);
    await truncate(logFile);
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return;
    // On a full disk the copy fails; emptying the log is then the better half.
    await truncate(logFile).catch(() => undefined);
  }
}
