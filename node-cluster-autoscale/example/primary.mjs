// @ts-check
// Run it: node example/primary.mjs
// It starts a cluster of 1 to 4 workers, sends it requests for ten seconds, and stops when all is calm again.
// With --serve it sends nothing and runs until Ctrl-C: bring your own load.
import { Agent, get } from "node:http";
import { resolve } from "node:path";
import { AutoscalingCluster } from "node-cluster-autoscale";

const port = process.env["PORT"] ?? "3000";
const cluster = new AutoscalingCluster({
  exec: resolve(import.meta.dirname, "worker.mjs"),
  env: { PORT: port },
  min: 1,
  max: 4,
  // So low that one machine can bring enough load beside the workers, and so quick that it can be watched.
  scaling: { upRequestsPerSecond: 150, downRequestsPerSecond: 60, coolDownMs: 1_000 },
});

cluster.on("worker_ready", ({ id, startMs }) =>
  say(`Worker ${id} is ready after ${Math.round(startMs)} ms.`),
);
cluster.on("worker_exited", ({ description }) => say(description));
cluster.on("scaled", ({ from, to, reason }) => say(`${from} to ${to}: ${reason}`));
cluster.on("crash_looping", ({ retryInMs, lastExit }) => say(`${lastExit} Next try in ${retryInMs} ms.`));

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void cluster.stop());

try {
  await cluster.start();
  say(`Serving at http://127.0.0.1:${port}`);
  if (!process.argv.includes("--serve")) await showLoad();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function showLoad() {
  let answered = 0;
  let failed = 0;
  const endAt = Date.now() + 10_000;
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (Date.now() < endAt) {
      await ask(agent).then(
        () => (answered += 1),
        () => (failed += 1),
      );
      await pause(30);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: 24 }, client));
  for (const calmBy = Date.now() + 30_000; cluster.snapshot().workers.length > 1 && Date.now() < calmBy;)
    await pause(100);
  say(`${answered} answers, ${failed} failures, ${cluster.snapshot().requestsTotal} requests counted.`);
  await cluster.stop();
}

/** @param {Agent} agent */
function ask(agent) {
  return new Promise((answer, fail) => {
    get({ host: "127.0.0.1", port, agent }, (response) => {
      response.resume().on("end", answer).on("error", fail);
    }).on("error", fail);
  });
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((end) => setTimeout(end, milliseconds));
}

/** @param {string} sentence */
function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}
