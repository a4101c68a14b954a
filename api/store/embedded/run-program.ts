import { spawn } from "node:child_process";

/** The operating system's user that a program runs as. Absent: the user of this process. */
export interface ServerUser {
  uid: number;
  gid: number;
}

export interface ProgramResult {
  /** Exit code; null when a signal or the time limit ended the program, or it could not be started. */
  code: number | null;
  /** Standard output and error together, the last 16 KiB. */
  output: string;
}

const OUTPUT_BYTES_MAX = 16_384;

/**
 * The environment that PostgreSQL's programs need and nothing else: `PG*` variables of the operator would
 * change what they do, and the service's secrets are not theirs to see.
 */
export function minimalEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { LC_ALL: "C" };
  for (const name of ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SYSTEMROOT"]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/**
 * Runs a program to its end. Never throws: what went wrong is in the result.
 * @param timeoutMs The program is killed after this time.
 */
export function runProgram(
  path: string,
  programArguments: readonly string[],
  options: { user: ServerUser | undefined; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // The server's user may not be allowed to enter this process's folder, so it starts in the root folder.
    const child = spawn(path, programArguments, {
      cwd: "/",
      env: minimalEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...options.user,
    });
    let output = "";
    let ended = false;
    const end = (code: number | null): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", kill);
      resolve({ code, output });
    };
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    const append = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_BYTES_MAX);
    };
    const timer = setTimeout(() => {
      output += `\nstopped after ${options.timeoutMs} ms`;
      kill();
    }, options.timeoutMs);
    options.signal?.addEventListener("abort", kill, { once: true });
    child.stdout.on("data", append);
    child.stderr.on("data", append);
    child.on("error", (error) => {
      output += error.message;
      end(null);
    });
    child.on("close", (code) => end(code));
  });
}
