import { Worker } from "node:worker_threads";

/** An orphan ends by itself well within this time, if its event loop still runs. */
const orphanMaxMs = 5_000;
const lookEveryMs = 1_000;

/**
 * Runs in a thread of its own, because only another thread still runs when the event loop is stuck in a loop.
 * It is plain JavaScript in a string, so that it needs no file that a bundler could lose.
 */
const code = `
const { workerData } = require("node:worker_threads");
let orphanMs = 0;
setInterval(() => {
  orphanMs = process.ppid === workerData.parent ? 0 : orphanMs + workerData.lookEveryMs;
  if (orphanMs > workerData.orphanMaxMs) process.kill(process.pid, "SIGKILL");
}, workerData.lookEveryMs);
`;

/**
 * Ends this process when its parent has been gone for a while and it is still there. Nobody else could: a process
 * that is stuck hears of nothing, and the one that would kill it is gone. Costs a thread that sleeps.
 */
export function guardOrphan(): void {
  // Windows does not tell that a parent is gone.
  if (process.platform === "win32") return;
  const workerData = { parent: process.ppid, orphanMaxMs, lookEveryMs };
  const guard = new Worker(code, { eval: true, workerData, execArgv: [], stdin: false });
  // Without a guard everything works but this last resort.
  guard.on("error", () => {});
  guard.unref();
}
