import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { choosePort, isFree } from "../../kernel/choose-port.ts";
import { verifyServer } from "./connect-to-server.ts";
import { startServer } from "./control-server.ts";
import type { Server } from "./control-server.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { readPostmasterPid } from "./read-postmaster-pid.ts";

export interface RunningServer {
  pid: number;
  port: number;
  /** True when it ran already. */
  adopted: boolean;
}

export interface BringUpOptions {
  password: string;
  /** The port that it must have; absent: the one it had before if it is free, else any. */
  port: number | undefined;
  signal: AbortSignal | undefined;
}

const POLL_MS = 100;
/** Processes of a killed server exit, and a stopping one ends, well within this time. */
const BUSY_MAX_MS = 30_000;
/** Another process may be starting the server, which can take as long as one of our own starts. */
const TOTAL_MAX_MS = 150_000;
/** A file that nobody completes for so long was left by a crash. */
const UNCLEAR_MAX_MS = 5_000;
/** Above every system's process ids. */
const UNUSED_PID = 2_147_483_646;

/** The port that the server had when it was last started. */
async function readLastPort(dataDirectory: string): Promise<number | undefined> {
  const options = await readFile(join(dataDirectory, "postmaster.opts"), "utf8").catch(() => "");
  const port = Number(/port=(\d+)/.exec(options)?.[1]);
  return port > 0 && (await isFree(port)) ? port : undefined;
}

/**
 * Makes PostgreSQL see that the process named in a left-over file is not its own. The rest of the file stays:
 * its shared memory key is how PostgreSQL notices processes of the killed server that still run.
 */
async function disownPid(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, "postmaster.pid");
  const [, ...rest] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [String(UNUSED_PID), ...rest].join("\n"));
}

/** One look and one step. Returns the running server, or why it has to be tried again. */
async function takeStep(
  server: Server,
  options: BringUpOptions,
): Promise<RunningServer | { retry: string; limitMs: number }> {
  const { dataDirectory } = server;
  const state = await readPostmasterPid(dataDirectory);
  switch (state.kind) {
    case "ready": {
      const { pid, port } = state;
      const verdict = await verifyServer({ port, password: options.password, dataDirectory });
      if (verdict.kind === "ours") return { pid, port, adopted: true };
      if (verdict.kind === "unready") return { retry: verdict.reason, limitMs: BUSY_MAX_MS };
      throw new EmbeddedPostgresError(
        `A PostgreSQL server (process ${pid}) says that it uses ${dataDirectory}, but it is not ours ` +
          `(${verdict.reason}): stop it, or set DATA_DIR to another folder.`,
      );
    }
    case "starting":
      return { retry: `process ${state.pid} is still starting it`, limitMs: TOTAL_MAX_MS };
    case "stopping":
      return { retry: `process ${state.pid} is still stopping it`, limitMs: BUSY_MAX_MS };
    case "unclear":
      if (state.ageMs > UNCLEAR_MAX_MS) await rm(join(dataDirectory, "postmaster.pid"), { force: true });
      return { retry: "its postmaster.pid is incomplete", limitMs: BUSY_MAX_MS };
    case "reused":
      await disownPid(dataDirectory);
      return { retry: `process ${state.pid} is not a PostgreSQL server`, limitMs: BUSY_MAX_MS };
    case "absent": {
      const port = options.port ?? (await readLastPort(dataDirectory)) ?? (await choosePort());
      if (port === null)
        throw new EmbeddedPostgresError("No free port was found for the embedded PostgreSQL.");
      const outcome = await startServer(server, { port, signal: options.signal });
      if (outcome.kind === "ready") return { pid: outcome.pid, port, adopted: false };
      if (outcome.kind === "failed") {
        throw new EmbeddedPostgresError(
          `PostgreSQL did not start: ${outcome.reason} (its log is ${server.logFile}).`,
        );
      }
      return { retry: outcome.reason, limitMs: BUSY_MAX_MS };
    }
  }
}

/**
 * Brings the server of a data directory into service: adopts one that runs, waits for one that starts or
 * stops, and starts one when there is none. Processes left by a killed server are waited for up to 30 seconds.
 * @throws {EmbeddedPostgresError} When it does not come up.
 */
export async function bringUpServer(server: Server, options: BringUpOptions): Promise<RunningServer> {
  const startedAtMs = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const step = await takeStep(server, options);
    if ("pid" in step) return step;
    if (performance.now() - startedAtMs > step.limitMs) {
      throw new EmbeddedPostgresError(
        `PostgreSQL did not come up in ${server.dataDirectory}: ${step.retry} (its log is ${server.logFile}).`,
      );
    }
    await wait(POLL_MS);
  }
}
