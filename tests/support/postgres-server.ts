import { readFileSync, rmSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { startEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";

export interface PostgresServer {
  /** Of a database on it whose user may create others. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

/**
 * The PostgreSQL that tests run on: the one that HOLDFAST_TEST_DATABASE_URL names, to try another version, or a
 * fresh one of the project's own in a folder that disappears with it.
 */
export async function startPostgresForTests(): Promise<PostgresServer> {
  const given = process.env["HOLDFAST_TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") return { connectionString: given, stop: async () => {} };
  return startOwnPostgres();
}

/** A server that nobody shares, for tests that stop it or change its settings. */
export async function startOwnPostgres(): Promise<PostgresServer> {
  const dataDir = await makeDataDir();
  const { connectionString, dataDirectory, stop } = await startEmbeddedPostgres({ dataDir, log: () => {} });
  const abandon = () => endAtOnce(dataDirectory, dataDir);
  process.once("exit", abandon);
  return {
    connectionString,
    stop: async () => {
      await stop();
      process.off("exit", abandon);
      await removeDataDir(dataDir, dataDirectory);
    },
  };
}

/** A run that breaks off stops nothing in order; its server must not outlive it all the same. */
function endAtOnce(dataDirectory: string, dataDir: string): void {
  try {
    const pid = Number(readFileSync(join(dataDirectory, "postmaster.pid"), "utf8").split("\n")[0]);
    if (pid > 1) process.kill(pid, "SIGQUIT");
  } catch {
    // It has ended already.
  }
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A data folder that the database's user can reach, so that the data really lies in it. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  await chmod(dataDir, 0o755);
  return dataDir;
}

/** @param dataDirectory where the server's data really was, when it could not lie in `dataDir` */
export async function removeDataDir(
  dataDir: string,
  dataDirectory = join(dataDir, "postgres"),
): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  if (!dataDirectory.startsWith(dataDir))
    await rm(dirname(dataDirectory), { recursive: true, force: true, maxRetries: 5 });
}
