import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process of this machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** Its title: a PostgreSQL process says there what it does. */
  readonly title: string;
}

const run = promisify(execFile);
const listMaxMs = 5_000;

/** The processes that a process has started and that have not ended. Matched by parent, never by name. */
export async function childrenOf(parentPid: number): Promise<ProcessEntry[]> {
  const all = process.platform === "linux" ? await readFromProc() : await readFromPs();
  return all.filter((each) => each.parentPid === parentPid && each.pid > 1);
}

async function readFromProc(): Promise<ProcessEntry[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map((name) => readEntry(Number(name))));
  return entries.filter((entry) => entry !== null);
}

async function readEntry(pid: number): Promise<ProcessEntry | null> {
  try {
    const [stat, title] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    // The name in brackets may hold anything; what follows its end is the state, and then the parent.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    return { pid, parentPid: Number(parent), title: title.replaceAll("\0", " ").trim() };
  } catch {
    // It has ended in the meantime.
    return null;
  }
}

async function readFromPs(): Promise<ProcessEntry[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,stat=,command="], { timeout: listMaxMs });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, state, title] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith("Z")) return [];
    return [{ pid: Number(pid), parentPid: Number(parent), title: title ?? "" }];
  });
}

/** Whether a process exists and has not ended. A number of 1 and below is never one of ours. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  // One that has ended and was not collected can still be sent signals.
  if (process.platform === "linux") return (await readEntry(pid)) !== null;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Sends a signal to a process of ours. @returns false when it is gone already, or could never have been one */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
