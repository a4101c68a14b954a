import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
} from "../../api/store/embedded/start-embedded-postgres.ts";
import { BenchError } from "../bench-error.ts";

/** A PostgreSQL server that the bench may create databases on. */
export interface DatabaseServer {
  readonly connectionString: string;
  readonly origin: "DATABASE_URL" | "embedded";
  stop(): Promise<void>;
}

/** File systems in memory, where a commit costs nothing: tmpfs and ramfs, from `linux/magic.h`. */
const volatileFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Uses the server at `databaseUrl`, or starts the embedded one with a folder that is removed afterwards.
 *
 * @throws BenchError when the embedded server cannot be started
 */
export async function openDatabaseServer(
  databaseUrl: string | undefined,
  log: (message: string) => void,
  signal: AbortSignal,
): Promise<DatabaseServer> {
  if (databaseUrl !== undefined && databaseUrl !== "") {
    return { connectionString: databaseUrl, origin: "DATABASE_URL", stop: async () => {} };
  }
  const folder = await mkdtemp(join(await chooseTemporaryFolder(), "holdfast-bench-"));
  const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    // A server that root starts runs as another user, who must be able to enter.
    await chmod(folder, 0o711);
    const server = await startEmbeddedPostgres({ dataDir: folder, log, signal });
    return {
      connectionString: server.connectionString,
      origin: "embedded",
      stop: async () => {
        await server.stop();
        // It may lie elsewhere, with only a link to it in the folder.
        await remove(server.dataDirectory);
        await remove(folder);
      },
    };
  } catch (error) {
    await remove(folder);
    throw error instanceof EmbeddedPostgresError ? new BenchError(error.message, { cause: error }) : error;
  }
}

/** The system's temporary folder, or one that is on a disk where that is not. */
async function chooseTemporaryFolder(): Promise<string> {
  const usual = tmpdir();
  for (const folder of [usual, "/var/tmp"]) {
    const isOnDisk = await statfs(folder).then(
      ({ type }) => !volatileFileSystems.has(type),
      () => false,
    );
    if (isOnDisk) return folder;
  }
  return usual;
}
