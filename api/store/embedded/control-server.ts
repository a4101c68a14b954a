import { spawn } from "node:child_process";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { boundLog } from "./bound-log.ts";
import { programPath } from "./locate-binaries.ts";
import { isServerProcess, readPostmasterPid } from "./read-postmaster-pid.ts";
import { minimalEnvironment, runProgram } from "./run-program.ts";
import type { ServerUser } from "./run-program.ts";

/** A server that can be started: which programs, on which data, as whom. */
export interface Server {
  packageDirectory: string;
  /** Absolute path without links. */
  dataDirectory: string;
  user: ServerUser | undefined;
  logFile: string;
}

/**
 * - ready: it accepts connections.
 * - port_taken: another program has the port.
 * - busy: processes of an earlier server still hold the data; it passes.
 * - failed: anything else, with PostgreSQL's own words.
 */
export type StartOutcome =
  | { kind: "ready"; pid: number }
  | { kind: "port_taken" | "busy" | "failed"; reason: string };

const POLL_MS = 25;
/** Long, because a server that was killed under load first repeats what it had logged. */
const READY_TIMEOUT_MS = 120_000;
const FAST_STOP_MS = 5_000;
const IMMEDIATE_STOP_MS = 1_500;
const REASON_BYTES_MAX = 16_384;

/** Settings that keep promises; an operator's postgresql.conf cannot change them. */
const FIXED_SETTINGS: readonly string[] = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "fsync=on",
  "full_page_writes=on",
  // The log goes to the file that the service bounds.
  "log_destination=stderr",
  "logging_collector=off",
];

async function readReason(log: FileHandle, offset: number): Promise<string> {
  const buffer = Buffer.alloc(REASON_BYTES_MAX);
  const { bytesRead } = await log.read(buffer, 0, REASON_BYTES_MAX, offset);
  return buffer.toString("utf8", 0, bytesRead).trim();
}

function explainExit(text: string): StartOutcome {
  const lines = text.split("\n");
  const line = lines.findLast((candidate) => /FATAL|PANIC/.test(candidate)) ?? lines.at(-1) ?? "";
  const reason = line.replace(/^.*?(FATAL|PANIC): +/, "") || "no reason was given";
  if (/lock file .* already exists|lock file .* is empty|pre-existing shared memory block/.test(text)) {
    return { kind: "busy", reason };
  }
  if (/could not bind|could not create any TCP\/IP sockets/.test(text)) return { kind: "port_taken", reason };
  return { kind: "failed", reason };
}

/**
 * Starts the server and waits until it accepts connections. It is this process's child, so that its end is
 * always noticed, but has a session of its own: Ctrl-C and the end of this process do not stop it.
 * @throws The signal's reason, after asking the server to stop, when the signal aborts.
 */
export async function startServer(
  server: Server,
  options: { port: number; signal: AbortSignal | undefined },
): Promise<StartOutcome> {
  await boundLog(server.logFile);
  const log = await open(server.logFile, "a+", 0o600);
  try {
    const offset = (await log.stat()).size;
    const settings = [`port=${options.port}`, ...FIXED_SETTINGS].flatMap((setting) => ["-c", setting]);
    const child = spawn(
      programPath(server.packageDirectory, "postgres"),
      ["-D", server.dataDirectory, ...settings],
      {
        cwd: "/",
        env: minimalEnvironment(),
        detached: true,
        windowsHide: true,
        stdio: ["ignore", log.fd, log.fd],
        ...server.user,
      },
    );
    const end: { reason?: string } = {};
    child.on("error", (error) => {
      end.reason = error.message;
    });
    child.on("exit", () => {
      end.reason ??= "";
    });
    child.unref();

    const deadlineMs = performance.now() + READY_TIMEOUT_MS;
    while (end.reason === undefined) {
      if (options.signal?.aborted || performance.now() > deadlineMs) {
        child.kill("SIGINT");
        options.signal?.throwIfAborted();
        return { kind: "failed", reason: `it was not ready within ${READY_TIMEOUT_MS / 1000} seconds` };
      }
      const state = await readPostmasterPid(server.dataDirectory);
      if (state.kind === "ready" && state.pid === child.pid) return { kind: "ready", pid: state.pid };
      await wait(POLL_MS);
    }
    if (end.reason !== "") return { kind: "failed", reason: end.reason };
    return explainExit(await readReason(log, offset));
  } finally {
    await log.close();
  }
}

async function signalServer(server: Server, pid: number, signal: "SIGINT" | "SIGQUIT"): Promise<void> {
  if (process.platform === "win32") {
    // Windows has no signals; pg_ctl speaks to the server through a pipe of its own.
    const name = signal === "SIGINT" ? "INT" : "QUIT";
    const program = programPath(server.packageDirectory, "pg_ctl");
    await runProgram(program, ["kill", name, String(pid)], { user: undefined, timeoutMs: 5_000 });
    return;
  }
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/**
 * Stops the server of a data directory: open transactions are rolled back and everything is written. When that
 * takes longer than 5 seconds it is cut off, and the next start repeats its log.
 * @returns False when it still runs after about 7 seconds.
 */
export async function stopServer(server: Server): Promise<boolean> {
  const state = await readPostmasterPid(server.dataDirectory);
  if (state.kind === "absent" || state.kind === "reused" || state.kind === "unclear") return true;
  const steps = [
    { signal: "SIGINT", waitMs: FAST_STOP_MS },
    { signal: "SIGQUIT", waitMs: IMMEDIATE_STOP_MS },
  ] as const;
  for (const { signal, waitMs } of steps) {
    await signalServer(server, state.pid, signal);
    const deadlineMs = performance.now() + waitMs;
    while (performance.now() < deadlineMs) {
      if (!(await isServerProcess(state.pid, server.dataDirectory))) return true;
      await wait(POLL_MS);
    }
  }
  return false;
}
