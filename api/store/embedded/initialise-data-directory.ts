import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EmbeddedPostgresError, readErrorCode, readErrorMessage } from "./embedded-postgres-error.ts";
import { programPath } from "./locate-binaries.ts";
import { draftName, removeLeftovers } from "./remove-leftovers.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./run-program.ts";

/** Also the name of the database. */
export const DATABASE_USER = "holdfast";

const INITDB_TIMEOUT_MS = 60_000;

/** Written once into postgresql.conf, where an operator may change them. */
const INITIAL_SETTINGS: readonly string[] = [
  // It bounds what is repeated after a crash: 913 MB took 9 s, the 257 MB that this allows took 2.5 s.
  "max_wal_size=512MB",
  "timezone=UTC",
  "log_timezone=UTC",
  // Refused duplicates are everyday here; their details hold personal data and have no place in a log.
  "log_error_verbosity=terse",
  "log_min_error_statement=panic",
];

export interface InitialiseOptions {
  packageDirectory: string;
  dataDirectory: string;
  /** Major version of the binaries, such as "18". */
  majorVersion: string;
  password: string;
  user: ServerUser | undefined;
  log: (message: string) => void;
  signal: AbortSignal | undefined;
}

/** The version that made a data directory; undefined when it is missing or empty. */
async function readDataVersion(dataDirectory: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDirectory, "PG_VERSION"), "utf8")).trim();
  } catch (error) {
    if (readErrorCode(error) !== "ENOENT") {
      throw new EmbeddedPostgresError(
        `The database in ${dataDirectory} cannot be read (${readErrorMessage(error)}): start as the user that ` +
          "owns it, or set DATA_DIR to another folder.",
      );
    }
  }
  const names = await readdir(dataDirectory).catch((): string[] => []);
  if (names.length === 0) return undefined;
  throw new EmbeddedPostgresError(
    `${dataDirectory} holds files but no database: move them away, or set DATA_DIR to another folder.`,
  );
}

/** Makes a rename survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function runInitdb(options: InitialiseOptions, draft: string): Promise<void> {
  const { packageDirectory, password, user, signal } = options;
  const passwordFile = join(draft, "password");
  await mkdir(draft);
  await chmod(draft, 0o700);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== undefined) {
    await chown(passwordFile, user.uid, user.gid);
    await chown(draft, user.uid, user.gid);
  }
  const initdbArguments = [
    `--pgdata=${join(draft, "data")}`,
    `--username=${DATABASE_USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
    ...INITIAL_SETTINGS.map((setting) => `--set=${setting}`),
  ];
  const { code, output } = await runProgram(programPath(packageDirectory, "initdb"), initdbArguments, {
    user,
    timeoutMs: INITDB_TIMEOUT_MS,
    signal,
  });
  signal?.throwIfAborted();
  if (code !== 0) {
    const reason = output.split("\n").findLast((line) => /error|fatal|stopped after|No space/i.test(line));
    throw new EmbeddedPostgresError(
      `The database could not be created in ${options.dataDirectory}: ${reason?.trim() ?? `initdb ended with ${code}`}.`,
    );
  }
}

/**
 * Creates the data directory when there is none. It is made beside its place and renamed when complete, so a
 * process killed in the middle leaves nothing that looks like a database.
 * @throws {EmbeddedPostgresError} When it cannot be made, or holds something else or another version.
 */
export async function initialiseDataDirectory(options: InitialiseOptions): Promise<void> {
  const { dataDirectory, majorVersion } = options;
  const name = basename(dataDirectory);
  const parent = dirname(dataDirectory);
  await removeLeftovers(parent, name);
  const found = await readDataVersion(dataDirectory);
  if (found === undefined) {
    options.log(`Creating the database in ${dataDirectory}.`);
    const draft = join(parent, draftName(name));
    try {
      await runInitdb(options, draft);
      await rename(join(draft, "data"), dataDirectory);
      await syncDirectory(parent);
    } catch (error) {
      // Another start that was faster has put its database there, made with the same password.
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(readErrorCode(error) ?? "")) throw error;
      if ((await readDataVersion(dataDirectory)) === undefined) throw error;
    } finally {
      await rm(draft, { recursive: true, force: true, maxRetries: 3 });
    }
  } else if (found !== majorVersion) {
    throw new EmbeddedPostgresError(
      `The database in ${dataDirectory} was made by PostgreSQL ${found} and this is ${majorVersion}: move its ` +
        "contents with that version's pg_dump, or set DATA_DIR to another folder.",
    );
  }
}
