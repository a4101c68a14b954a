import { chmod, chown, mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { checkPrivateDirectory } from "./copy-binaries.ts";
import { draftName } from "./remove-leftovers.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./run-program.ts";

/** Where root puts what the server's user must reach when the project lies under a closed folder. */
export const SHARED_DIRECTORIES: readonly string[] = ["/var/lib/holdfast", "/opt/holdfast"];

/** File systems that lose everything when the machine stops: tmpfs and ramfs, from `linux/magic.h`. */
const VOLATILE_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Creates the folder when needed, and says whether it is root's alone and survives a restart. */
export async function prepareSharedDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
    if ((await checkPrivateDirectory(path)) !== "private") return false;
    return !VOLATILE_FILE_SYSTEMS.has((await statfs(path)).type);
  } catch {
    return false;
  }
}

/** Tries, as the server's user, to enter and write a folder of its own inside `directory`. */
export async function canHoldData(directory: string, user: ServerUser): Promise<boolean> {
  const probe = join(directory, draftName("postgres"));
  try {
    await mkdir(probe);
    await chmod(probe, 0o700);
    await chown(probe, user.uid, user.gid);
    const script = 'cd "$1" && [ -r . ] && [ -w . ]';
    const { code } = await runProgram("/bin/sh", ["-c", script, "sh", probe], { user, timeoutMs: 5_000 });
    return code === 0;
  } catch {
    return false;
  } finally {
    await rm(probe, { recursive: true, force: true });
  }
}
