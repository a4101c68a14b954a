import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./passed-points.ts";
import type { StrikeOrder } from "./point-controller.ts";
import { claimNameOf, type Struck } from "./point-messages.ts";

/** What strikes in this process. */
export interface StrikingProcess {
  readonly folder: string;
  /** Tells the controller, before this returns if the operating system lets it. */
  readonly tell: (struck: Struck) => void;
}

/**
 * Does what was ordered, here and now. Of all processes that come to the point only one strikes. When this process itself
 * is the victim, nothing after this line is done, or nothing until it is told to continue.
 */
export function strikeHere(
  id: number,
  order: StrikeOrder,
  { backendPid }: Place,
  { folder, tell }: StrikingProcess,
): void {
  const claim = openClaim(join(folder, claimNameOf(id)));
  if (claim === null) return;
  const note = (pid: number, trouble: string | null) => {
    const struck: Struck = { kind: "struck", id, point: order.point, pid, worker_pid: process.pid, trouble };
    // The file is there even when the line to the controller is not.
    writeSync(claim, JSON.stringify(struck));
    closeSync(claim);
    tell(struck);
  };
  switch (order.victim) {
    case "worker":
      note(process.pid, null);
      process.kill(process.pid, "SIGKILL");
      return;
    case "worker_stop":
      note(process.pid, null);
      process.kill(process.pid, "SIGSTOP");
      return;
    case "backend":
      note(
        backendPid ?? -1,
        backendPid === null ? "There is no connection here." : killBackend(backendPid, order.pid),
      );
      return;
    case "postmaster":
      note(order.pid ?? -1, order.pid === null ? "No postmaster was named." : kill(order.pid));
      return;
  }
}

/** @returns null when another process has it */
function openClaim(path: string): number | null {
  try {
    return openSync(path, "wx", 0o600);
  } catch {
    return null;
  }
}

function killBackend(pid: number, postmasterPid: number | null): string | null {
  if (postmasterPid !== null && parentOf(pid) !== postmasterPid)
    return `Process ${pid} is no child of the postmaster ${postmasterPid}.`;
  return kill(pid);
}

/** @returns why it could not be killed; null when it was */
function kill(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 1) return `${pid} is the id of no server.`;
  try {
    process.kill(pid, "SIGKILL");
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns null when there is no such process */
function parentOf(pid: number): number | null {
  try {
    // Its second field is in brackets and may contain anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return Number(fields[1]);
  } catch {
    return parentByListing(pid);
  }
}

/** For systems without that folder. */
function parentByListing(pid: number): number | null {
  try {
    const listed = execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 1_000,
    });
    return Number(listed.trim());
  } catch {
    return null;
  }
}
