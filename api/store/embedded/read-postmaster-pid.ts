import { readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { readErrorCode } from "./embedded-postgres-error.ts";

/**
 * What `postmaster.pid` says about the server of a data directory.
 * - absent: no server runs; a file left by a killed one counts as absent.
 * - unclear: the file is being written, or was left half written.
 * - reused: the file names a living process that is certainly not a server of this data directory.
 */
export type ServerState =
  | { kind: "absent" }
  | { kind: "unclear"; ageMs: number }
  | { kind: "reused"; pid: number }
  | { kind: "starting"; pid: number }
  | { kind: "stopping"; pid: number }
  | { kind: "ready"; pid: number; port: number };

/** Whether a process with this id exists. Ids of 1 and below are never accepted: they address other things. */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return readErrorCode(error) === "EPERM";
  }
}

/** A server keeps its data directory as its working folder, which Linux shows for each process. */
async function worksIn(pid: number, dataDirectory: string): Promise<"yes" | "no" | "dead" | "unknown"> {
  if (process.platform !== "linux") return "unknown";
  try {
    const folder = await readlink(`/proc/${pid}/cwd`);
    return folder === dataDirectory ? "yes" : "no";
  } catch (error) {
    const code = readErrorCode(error);
    // A process that has ended but was not collected by its parent has no working folder.
    return code === "ENOENT" || code === "ESRCH" ? "dead" : "unknown";
  }
}

/** Whether a process is still the server of a data directory, as far as this system can tell. */
export async function isServerProcess(pid: number, dataDirectory: string): Promise<boolean> {
  if (!isProcessAlive(pid)) return false;
  const working = await worksIn(pid, dataDirectory);
  return working === "yes" || working === "unknown";
}

/**
 * Reads the state of the server of a data directory.
 * The lines are those of PostgreSQL 18, `src/include/utils/pidfile.h`: 1 process id, 2 data directory,
 * 3 start time, 4 port, 5 socket folder, 6 address, 7 shared memory, 8 status.
 * @param dataDirectory Absolute path without links in it.
 */
export async function readPostmasterPid(dataDirectory: string): Promise<ServerState> {
  const path = join(dataDirectory, "postmaster.pid");
  let text: string;
  let ageMs: number;
  try {
    text = await readFile(path, "utf8");
    ageMs = Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return { kind: "absent" };
    throw error;
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  // The last line ends with a line break, so a complete status has another, empty line after it.
  const status = lines.length > 8 ? lines[7]?.trim() : "starting";
  if (lines.length < 2 || !Number.isSafeInteger(pid) || pid <= 1) return { kind: "unclear", ageMs };
  if (!isProcessAlive(pid)) return { kind: "absent" };
  const working = await worksIn(pid, dataDirectory);
  if (working === "dead") return { kind: "absent" };
  // A server enters its folder before it writes the file, so a process elsewhere is not one.
  if (working === "no") return { kind: "reused", pid };
  if (status === "stopping") return { kind: "stopping", pid };
  if (status !== "ready" || !Number.isSafeInteger(port) || port < 1 || port > 65_535) {
    return { kind: "starting", pid };
  }
  return { kind: "ready", pid, port };
}
