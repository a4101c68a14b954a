import { lstat, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { readErrorCode } from "./embedded-postgres-error.ts";

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Creates the links between shared libraries that the package only lists, because npm packages hold no links.
 * The package's install script does the same, but installs often run without scripts.
 * @returns False when a link is missing and cannot be created here, as in a read-only folder.
 */
export async function completeLinks(packageDirectory: string): Promise<boolean> {
  let listed: string;
  try {
    listed = await readFile(join(packageDirectory, "native", "pg-symlinks.json"), "utf8");
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return true;
    throw error;
  }
  for (const link of linksSchema.parse(JSON.parse(listed))) {
    const path = join(packageDirectory, link.target);
    try {
      await symlink(relative(dirname(link.target), link.source), path);
    } catch (error) {
      if (readErrorCode(error) === "EEXIST") continue;
      const exists = await lstat(path).then(
        () => true,
        () => false,
      );
      if (!exists) return false;
    }
  }
  return true;
}
