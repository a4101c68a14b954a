import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { buildConnectionString, verifyServer } from "./connect-to-server.ts";
import { EmbeddedPostgresError, readErrorCode } from "./embedded-postgres-error.ts";
import { readPassword } from "./keep-password.ts";
import { readPostmasterPid } from "./read-postmaster-pid.ts";

/**
 * Finds the running server of a data folder, for commands that look at the database in use. Starts nothing.
 * @param options.dataDir Absolute path of the service's data folder.
 * @returns Null when no server of that folder serves now.
 * @throws {EmbeddedPostgresError} When it runs but this user may not use it.
 */
export async function findEmbeddedPostgres(options: {
  dataDir: string;
}): Promise<{ connectionString: string } | null> {
  try {
    const dataDirectory = await realpath(join(options.dataDir, "postgres"));
    const state = await readPostmasterPid(dataDirectory);
    if (state.kind !== "ready") return null;
    const password = await readPassword(options.dataDir);
    if (password === undefined) return null;
    const verdict = await verifyServer({ port: state.port, password, dataDirectory });
    return verdict.kind === "ours" ? { connectionString: buildConnectionString(state.port, password) } : null;
  } catch (error) {
    const code = readErrorCode(error);
    if (code === "ENOENT") return null;
    if (code === "EACCES" || code === "EPERM") {
      throw new EmbeddedPostgresError(
        `The database in ${options.dataDir} belongs to another user: use the user who runs the service.`,
      );
    }
    throw error;
  }
}
