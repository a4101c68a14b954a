import { fork } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { ChaosError } from "../chaos-error.ts";
import type { KeeperMessage } from "./keep-database.ts";
import { keepTail } from "./keep-tail.ts";

const program = resolve(import.meta.dirname, "keep-database.ts");
/** Longer than the server may take to stop. */
const stopMaxMs = 12_000;

/** A process of ours that keeps a PostgreSQL server. */
export interface DatabaseKeeper {
  readonly connectionString: string;
  /** Absolute path, without links. */
  readonly dataDirectory: string;
  logTail(): string;
  /** Stops the server, and its keeper. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a server with its data in a folder, created when missing.
 *
 * @throws ChaosError when it does not come up
 */
export async function startDatabaseKeeper(dataDir: string, signal: AbortSignal): Promise<DatabaseKeeper> {
  signal.throwIfAborted();
  // It must not hear Ctrl-C: the server is stopped after the service.
  const child = fork(program, [dataDir], { detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const log = keepTail(child.stderr);
  const ended = new Promise<void>((settle) => {
    child.once("exit", () => settle());
    child.once("error", () => settle());
  });
  const stop = async () => {
    if (child.connected) child.disconnect();
    const force = setTimeout(() => child.kill("SIGKILL"), stopMaxMs);
    await ended;
    clearTimeout(force);
  };
  signal.addEventListener("abort", () => void (child.connected && child.disconnect()), { once: true });
  const answer = await Promise.race([
    once(child, "message").then(([message]) => message as KeeperMessage),
    ended.then((): KeeperMessage => ({ kind: "failed", message: `its keeper ended. ${log()}` })),
  ]);
  if (answer.kind === "serving" && !signal.aborted) return { ...answer, logTail: log, stop };
  await stop();
  signal.throwIfAborted();
  throw new ChaosError(
    `The database could not be started: ${answer.kind === "failed" ? answer.message : ""}`,
  );
}
