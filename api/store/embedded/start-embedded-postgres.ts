import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { bringUpServer } from "./bring-up-server.ts";
import { chooseBinaries } from "./choose-binaries.ts";
import { chooseDataDirectory } from "./choose-data-directory.ts";
import { claimDataDirectory } from "./claim-data-directory.ts";
import type { Claim } from "./claim-data-directory.ts";
import { buildConnectionString, createDatabase } from "./connect-to-server.ts";
import { stopServer } from "./control-server.ts";
import type { Server } from "./control-server.ts";
import { EmbeddedPostgresError, readErrorMessage } from "./embedded-postgres-error.ts";
import { initialiseDataDirectory } from "./initialise-data-directory.ts";
import { keepPassword } from "./keep-password.ts";
import { locateBinaries } from "./locate-binaries.ts";
import { watchServer } from "./watch-server.ts";

export { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
export { findEmbeddedPostgres } from "./find-embedded-postgres.ts";

/** A running PostgreSQL server that this service has to itself, and that is started again when it dies. */
export interface EmbeddedPostgres {
  /** Address of the database `holdfast`, with its password; the same until `stop`. */
  connectionString: string;
  /** Where the data really is. */
  dataDirectory: string;
  /** True when the server ran already, left by a service that was killed. */
  adopted: boolean;
  /**
   * Ends the watch, gives up the claim on the data folder and stops the server, within about 8 seconds.
   * A server that another service has claimed since is left alone. Never throws; may be called again.
   */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Absolute path of the service's data folder (DATA_DIR); created when missing. */
  dataDir: string;
  log: (message: string) => void;
  /** Gives the start up; a server that was being started is stopped. */
  signal?: AbortSignal;
}

async function prepareServer(options: StartOptions): Promise<{ server: Server; password: string }> {
  const { log, signal } = options;
  const binaries = await locateBinaries();
  const { path: dataDirectory, user } = await chooseDataDirectory(options.dataDir);
  const dataDir = await realpath(options.dataDir);
  const packageDirectory = await chooseBinaries({ binaries, dataDir, user, log });
  const password = await keepPassword(dataDir);
  const majorVersion = binaries.version.split(".")[0] ?? binaries.version;
  await initialiseDataDirectory({
    packageDirectory,
    dataDirectory,
    majorVersion,
    password,
    user,
    log,
    signal,
  });
  return {
    server: { packageDirectory, dataDirectory, user, logFile: join(dataDir, "postgres.log") },
    password,
  };
}

async function startAll(options: StartOptions): Promise<EmbeddedPostgres> {
  const { log, signal } = options;
  const { server, password } = await prepareServer(options);
  const running = await bringUpServer(server, { password, port: undefined, signal });
  const connectionString = buildConnectionString(running.port, password);
  let claim: Claim;
  try {
    await createDatabase(running.port, password);
    claim = await claimDataDirectory({ connectionString, dataDir: options.dataDir, log, signal });
  } catch (error) {
    // Whoever has the claim owns the server: a refused service leaves even one that it started itself.
    if (signal?.aborted && !running.adopted) await stopServer(server);
    throw error;
  }
  const watch = watchServer(server, { running, password, log });

  const stopAll = async (): Promise<void> => {
    await watch.stop();
    const keepsRunning = await claim.isTakenByAnother();
    await claim.release();
    if (keepsRunning) return;
    if (!(await stopServer(server))) log(`PostgreSQL in ${server.dataDirectory} did not stop in time.`);
  };
  let stopping: Promise<void> | undefined;
  return {
    connectionString,
    dataDirectory: server.dataDirectory,
    adopted: running.adopted,
    stop: () => {
      stopping ??= stopAll().catch((error: unknown) =>
        log(`PostgreSQL was not stopped: ${readErrorMessage(error)}`),
      );
      return stopping;
    },
  };
}

/**
 * Starts the PostgreSQL server that comes with the project, or adopts the one that a killed service left.
 * The first start creates the database; every start recovers what a crash left behind.
 * @throws {EmbeddedPostgresError} With one sentence for the operator, as when another service uses the folder.
 */
export async function startEmbeddedPostgres(options: StartOptions): Promise<EmbeddedPostgres> {
  try {
    return await startAll(options);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError || options.signal?.aborted) throw error;
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL in ${options.dataDir} could not start: ${readErrorMessage(error)}.`,
      { cause: error },
    );
  }
}
