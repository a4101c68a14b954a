import cluster from "node:cluster";

// A supervisor with one worker, as the service has it: it tells the worker's process id and how the worker ended.

if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on("online", () => process.send?.(worker.process.pid));
  worker.on("exit", (_code, signal) => process.send?.(signal));
  process.on("disconnect", () => process.exit());
} else {
  // Lives until it is killed, or until its supervisor is gone.
  setInterval(() => {}, 60_000);
}
