// A primary that a test controls: it tells every event and does what it is asked.
import { resolve } from "node:path";
import { AutoscalingCluster, type ClusterOptions } from "node-cluster-autoscale";

const options = JSON.parse(process.env["OPTIONS"] ?? "{}") as Omit<ClusterOptions, "exec">;
const cluster = new AutoscalingCluster({ ...options, exec: resolve(import.meta.dirname, "worker.ts") });

for (const name of [
  "worker_started",
  "worker_ready",
  "worker_exited",
  "scaled",
  "crash_looping",
  "recovered",
  "leader_changed",
  "report",
  "message",
  "malformed",
] as const)
  cluster.on(name, (payload: object) => tell({ event: name, atMs: performance.now(), ...payload }));

process.on("message", (command: { ask: string; id?: number; message?: unknown }) => {
  void answer(command);
});
// A test that dies takes its cluster with it.
process.on("disconnect", () => process.exit(1));

async function answer({ ask, id = 0, message }: { ask: string; id?: number; message?: unknown }) {
  switch (ask) {
    case "snapshot":
      return tell({ answer: ask, value: cluster.snapshot() });
    case "start":
      return tell({
        answer: ask,
        value: await cluster.start().then(
          () => "started",
          (error: Error) => `${error.name}: ${error.message}`,
        ),
      });
    case "stop":
      await cluster.stop();
      return tell({ answer: ask, value: "stopped" });
    case "send":
      return tell({ answer: ask, value: cluster.send(id, message) });
    case "flood": {
      const { count, bytes } = message as { count: number; bytes: number };
      const accepted = Array.from({ length: count }, () => cluster.send(id, "x".repeat(bytes)));
      return tell({ answer: ask, value: accepted.filter(Boolean).length });
    }
    case "broadcast":
      cluster.broadcast(message);
      return tell({ answer: ask, value: true });
    case "count malformed":
      cluster.countMalformed(id);
      return tell({ answer: ask, value: true });
    case "stall": {
      const until = Date.now() + Number(message);
      while (Date.now() < until);
      return tell({ answer: ask, value: true });
    }
  }
}

function tell(message: object): void {
  if (process.connected) process.send?.(message, () => {});
}
