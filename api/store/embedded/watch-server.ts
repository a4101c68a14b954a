import { setTimeout as wait } from "node:timers/promises";
import { boundLog } from "./bound-log.ts";
import { bringUpServer } from "./bring-up-server.ts";
import type { RunningServer } from "./bring-up-server.ts";
import type { Server } from "./control-server.ts";
import { readErrorMessage } from "./embedded-postgres-error.ts";
import { isServerProcess } from "./read-postmaster-pid.ts";

const POLL_MS = 250;
const RETRY_MS = 500;
const REPEAT_MESSAGE_MS = 30_000;
const BOUND_LOG_EVERY_MS = 60_000;

export interface Watch {
  /** Ends the watch. A restart that is under way is given up, and a server that it started is stopped. */
  stop(): Promise<void>;
}

/**
 * Watches the server and starts it again, on the same port, when it has died. It keeps trying until it is
 * stopped: a full disk, for one, lets the server start only after somebody has made room.
 */
export function watchServer(
  server: Server,
  options: { running: RunningServer; password: string; log: (message: string) => void },
): Watch {
  const { running, password, log } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined);
  let { pid } = running;

  const restart = async (): Promise<void> => {
    const diedAtMs = performance.now();
    let toldAtMs = -Infinity;
    log(`PostgreSQL (process ${pid}) has ended; starting it again on port ${running.port}.`);
    while (!signal.aborted) {
      try {
        const found = await bringUpServer(server, { password, port: running.port, signal });
        pid = found.pid;
        log(`PostgreSQL serves again after ${Math.round(performance.now() - diedAtMs)} ms (process ${pid}).`);
        if (found.port !== running.port) {
          log(
            `PostgreSQL was started by somebody else on port ${found.port}: stop it with pg_ctl to get it back.`,
          );
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - toldAtMs > REPEAT_MESSAGE_MS) log(readErrorMessage(error));
        if (toldAtMs === -Infinity || performance.now() - toldAtMs > REPEAT_MESSAGE_MS)
          toldAtMs = performance.now();
        await pause(RETRY_MS);
      }
    }
  };

  const watch = async (): Promise<void> => {
    let boundAtMs = performance.now();
    while (!signal.aborted) {
      await pause(POLL_MS);
      if (signal.aborted) return;
      if (!(await isServerProcess(pid, server.dataDirectory))) await restart();
      if (performance.now() - boundAtMs > BOUND_LOG_EVERY_MS) {
        boundAtMs = performance.now();
        await boundLog(server.logFile);
      }
    }
  };

  const ended = watch();
  return {
    stop: async () => {
      stopped.abort();
      await ended;
    },
  };
}
