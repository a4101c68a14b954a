import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

/** A process of this machine, as far as this user may look at it. */
export interface ProcessFacts {
  readonly parentPid: number;
  readonly isNode: boolean;
  /** Whether Node's cluster module started it; null where that cannot be seen. */
  readonly isClusterWorker: boolean | null;
}

/** @returns null when there is no such process or when it cannot be looked at */
export async function readProcess(pid: number): Promise<ProcessFacts | null> {
  try {
    switch (process.platform) {
      case "linux":
        return await readFromProc(pid);
      case "darwin":
        return await readFromPs(pid);
      default:
        return null;
    }
  } catch {
    return null;
  }
}

async function readFromProc(pid: number): Promise<ProcessFacts> {
  const folder = `/proc/${pid}`;
  const stat = await readFile(`${folder}/stat`, "utf8");
  // The name in brackets may itself contain brackets and spaces.
  const [, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const environment = await readFile(`${folder}/environ`, "latin1");
  return {
    parentPid: Number(parentPid),
    isNode: isNode(await readlink(`${folder}/exe`)),
    isClusterWorker: environment.split("\0").some((entry) => entry.startsWith("NODE_UNIQUE_ID=")),
  };
}

async function readFromPs(pid: number): Promise<ProcessFacts> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=,comm=", "-p", String(pid)]);
  const [, parentPid, command] = /^\s*(\d+)\s+(.+?)\s*$/.exec(stdout) ?? [];
  return { parentPid: Number(parentPid), isNode: isNode(command ?? ""), isClusterWorker: null };
}

function isNode(executable: string): boolean {
  // A binary that was replaced since its start is marked as deleted.
  return /^node(?:\.exe)?$/.test(basename(executable).replace(/ \(deleted\)$/, ""));
}
