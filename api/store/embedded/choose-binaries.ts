import { completeLinks } from "./complete-links.ts";
import { copyBinaries } from "./copy-binaries.ts";
import { EmbeddedPostgresError, readErrorMessage } from "./embedded-postgres-error.ts";
import type { Binaries } from "./locate-binaries.ts";
import { programPath } from "./locate-binaries.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./run-program.ts";
import { prepareSharedDirectory, SHARED_DIRECTORIES } from "./shared-directories.ts";

/** initdb passes its path to a shell in double quotes, where these characters mean something else. */
const SHELL_CHARACTERS = /["$`\\\n]/;
const PROBE_TIMEOUT_MS = 10_000;

/** Runs the programs as the server's user. The result is undefined when they work, else what they said. */
async function probePrograms(
  packageDirectory: string,
  user: ServerUser | undefined,
): Promise<string | undefined> {
  if (process.platform !== "win32" && SHELL_CHARACTERS.test(packageDirectory)) {
    return "the folder's name has a character that a shell would change";
  }
  for (const program of ["postgres", "initdb"] as const) {
    const path = programPath(packageDirectory, program);
    const { code, output } = await runProgram(path, ["--version"], { user, timeoutMs: PROBE_TIMEOUT_MS });
    if (code !== 0) return output.trim() || `${path} ended with ${code}`;
  }
  return undefined;
}

/** The shared library that a program's message says is nowhere on this machine. */
function findMissingLibrary(message: string): string | undefined {
  const linux = /loading shared libraries: ([^\s:]+): .*No such file/.exec(message);
  const darwin = /Library not loaded: (\S+)/.exec(message);
  return linux?.[1] ?? darwin?.[1];
}

function explainFailure(message: string): EmbeddedPostgresError {
  const library = findMissingLibrary(message);
  if (library !== undefined) {
    return new EmbeddedPostgresError(
      `PostgreSQL cannot run here because the shared library ${library} is missing: install it, or set ` +
        "DATABASE_URL to a PostgreSQL of your own.",
    );
  }
  return new EmbeddedPostgresError(
    `PostgreSQL's programs cannot run here (${message.split("\n")[0]}): move the project to a folder that ` +
      "every user can enter, or set DATABASE_URL to a PostgreSQL of your own.",
  );
}

/**
 * Finds a place from which the server's user can run PostgreSQL: the package itself, or a copy when the
 * project lies under a closed folder or node_modules is read-only.
 * @param dataDir The service's data folder; an ordinary user's copy is made there.
 * @param user The server's user when this process is root.
 * @returns The folder with `native/bin`.
 * @throws {EmbeddedPostgresError} When the programs run from nowhere.
 */
export async function chooseBinaries(options: {
  binaries: Binaries;
  dataDir: string;
  user: ServerUser | undefined;
  log: (message: string) => void;
}): Promise<string> {
  const { binaries, dataDir, user, log } = options;
  const complete = await completeLinks(binaries.packageDirectory);
  let failure = await probePrograms(binaries.packageDirectory, user);
  if (failure === undefined) return binaries.packageDirectory;
  // A copy helps against closed folders and missing links, not against what the machine itself lacks.
  if (complete && findMissingLibrary(failure) !== undefined) throw explainFailure(failure);
  if (complete && user === undefined) throw explainFailure(failure);

  for (const directory of user === undefined ? [dataDir] : SHARED_DIRECTORIES) {
    try {
      const usable = user === undefined || (await prepareSharedDirectory(directory));
      const copy = usable ? await copyBinaries(binaries, directory) : undefined;
      if (copy === undefined) {
        failure = `${directory} is not a lasting folder that only this user can write to`;
        continue;
      }
      failure = await probePrograms(copy, user);
      if (failure === undefined) {
        log(`PostgreSQL runs from a copy in ${copy}, because its user cannot reach the project.`);
        return copy;
      }
    } catch (error) {
      failure = readErrorMessage(error);
    }
  }
  throw explainFailure(failure);
}
