import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./read-postmaster-pid.ts";

/**
 * A name for work in progress beside its final place. It holds our process id, so that a later start knows
 * whether somebody still works on it.
 */
export function draftName(finalName: string): string {
  return `${finalName}.new-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Removes drafts of `finalName` whose process has been killed. Call it before making a draft: one with our own
 * process id is then from an earlier process that had the same id, as is usual in containers.
 */
export async function removeLeftovers(directory: string, finalName: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`${finalName}.new-`)) continue;
    const pid = Number.parseInt(name.slice(`${finalName}.new-`.length), 10);
    if (pid !== process.pid && isProcessAlive(pid)) continue;
    // An initdb that outlived its parent may still write here; what it leaves is removed at the next start.
    await rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}
