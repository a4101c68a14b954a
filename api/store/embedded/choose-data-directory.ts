import { randomBytes } from "node:crypto";
import { access, chmod, lstat, mkdir, readlink, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { chooseServerUser } from "./choose-server-user.ts";
import { EmbeddedPostgresError, readErrorCode } from "./embedded-postgres-error.ts";
import type { ServerUser } from "./run-program.ts";
import { canHoldData, prepareSharedDirectory, SHARED_DIRECTORIES } from "./shared-directories.ts";

export interface DataDirectory {
  /** Absolute path without links; it may not exist yet. */
  path: string;
  user: ServerUser | undefined;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Makes a folder of root's outside the project, and leads `link` to the data directory in it. */
async function placeOutside(link: string, user: ServerUser): Promise<string | undefined> {
  for (const directory of SHARED_DIRECTORIES) {
    if (!(await prepareSharedDirectory(directory))) continue;
    // A random name: a project that was deleted and cloned again must not find the old one's data.
    const home = join(directory, randomBytes(6).toString("hex"));
    await mkdir(home);
    await chmod(home, 0o711);
    if (await canHoldData(home, user)) {
      await writeFile(join(home, "BELONGS-TO"), `${link}\n`);
      try {
        // The link comes first, so that a start that is killed later continues in the same place.
        await symlink(join(home, "postgres"), link);
        return join(home, "postgres");
      } catch (error) {
        await rm(home, { recursive: true, force: true });
        if (readErrorCode(error) !== "EEXIST") throw error;
        // Another start was faster.
        return resolve(dirname(link), await readlink(link));
      }
    }
    await rm(home, { recursive: true, force: true });
  }
  return undefined;
}

/** Where an existing link leads. It may lead to nothing only while a first start is unfinished. */
async function followLink(link: string): Promise<string> {
  const target = resolve(dirname(link), await readlink(link));
  if (await exists(target)) return realpath(target);
  if (await exists(dirname(target))) return join(await realpath(dirname(target)), "postgres");
  throw new EmbeddedPostgresError(
    `${link} leads to ${target}, which is gone: restore it, or remove the link to start with an empty database.`,
  );
}

/**
 * Decides where the data directory is, and as whom the server runs. It is `<dataDir>/postgres`, except that a
 * server started by root cannot use a folder that its own user cannot enter: then that name is a link.
 * @param dataDir Absolute path of the service's data folder; created when missing.
 * @throws {EmbeddedPostgresError} When no place that lasts can be reached by the server's user.
 */
export async function chooseDataDirectory(dataDir: string): Promise<DataDirectory> {
  const asRoot = process.getuid?.() === 0;
  await mkdir(dataDir, { recursive: true, mode: asRoot ? 0o711 : 0o700 });
  const link = join(await realpath(dataDir), "postgres");
  const user = await chooseServerUser(link);

  const found = await lstat(link).catch((error: unknown) => {
    if (readErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isSymbolicLink()) return { path: await followLink(link), user };
  if (user === undefined) return { path: link, user };
  if (await canHoldData(dirname(link), user)) return { path: link, user };
  if (found !== undefined) {
    throw new EmbeddedPostgresError(
      `The user ${user.uid} of the PostgreSQL server cannot enter ${link}: open the folders above it to that ` +
        "user, or set DATA_DIR to another folder.",
    );
  }
  const outside = await placeOutside(link, user);
  if (outside !== undefined) return { path: outside, user };
  throw new EmbeddedPostgresError(
    `PostgreSQL cannot run as root, and its user ${user.uid} can neither enter ${dataDir} nor ` +
      `${SHARED_DIRECTORIES.join(" nor ")}: set DATA_DIR to a lasting folder that every user can enter.`,
  );
}
