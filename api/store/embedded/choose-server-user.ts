import { readFile, stat } from "node:fs/promises";
import type { ServerUser } from "./run-program.ts";

const NOBODY: ServerUser = { uid: 65534, gid: 65534 };

/**
 * Which user the server runs as. PostgreSQL refuses to run as root, so root takes the owner of the existing
 * data directory, else the system's user `postgres`, else `nobody`.
 * @param dataDirectory The data directory; it may not exist yet.
 * @returns Undefined when this process is not root and the server simply runs as its user.
 */
export async function chooseServerUser(dataDirectory: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDirectory).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };

  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  for (const line of accounts.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === "postgres" && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return NOBODY;
}
