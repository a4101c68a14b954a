import {
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { join } from "node:path";
import { completeLinks } from "./complete-links.ts";
import { readErrorCode } from "./embedded-postgres-error.ts";
import type { Binaries } from "./locate-binaries.ts";
import { draftName, removeLeftovers } from "./remove-leftovers.ts";

/** Copies a folder with modes that every user can read, whatever the source's modes are. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await copyTree(source, target);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else if (!entry.name.endsWith(".a")) {
      // Static libraries are only for compiling.
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      const { mode } = await lstat(source);
      await chmod(target, (mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}

/**
 * Whether a folder is ours alone to write, so that nobody else can have put a program of theirs into it.
 * @returns "absent" when nothing is there.
 */
export async function checkPrivateDirectory(path: string): Promise<"private" | "foreign" | "absent"> {
  try {
    const found = await lstat(path);
    const ours =
      process.platform === "win32" || (found.uid === process.getuid?.() && (found.mode & 0o022) === 0);
    return found.isDirectory() && ours ? "private" : "foreign";
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return "absent";
    throw error;
  }
}

/**
 * Copies the binaries into `directory`, in a folder named for their version, or reuses an earlier copy.
 * @param directory An existing folder that only we can write to.
 * @returns The copy's folder, or undefined when something that is not ours stands in its place.
 */
export async function copyBinaries(binaries: Binaries, directory: string): Promise<string | undefined> {
  if ((await checkPrivateDirectory(directory)) !== "private") return undefined;
  const name = `postgresql-${binaries.version}-${process.platform}-${process.arch}`;
  const target = join(directory, name);
  const found = await checkPrivateDirectory(target);
  if (found === "foreign") return undefined;
  if (found === "private") return target;

  await removeLeftovers(directory, name);
  const draft = join(directory, draftName(name));
  try {
    await mkdir(draft);
    await chmod(draft, 0o755);
    await copyTree(join(binaries.packageDirectory, "native"), join(draft, "native"));
    await completeLinks(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster; its copy is as good.
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(readErrorCode(error) ?? "")) throw error;
    if ((await checkPrivateDirectory(target)) !== "private") throw error;
  }
  return target;
}
