// A worker whose behaviour a test chooses: by its environment when it starts, by paths while it serves.
import { existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { joinCluster } from "node-cluster-autoscale";

const port = Number(process.env["PORT"]);
/** While this file exists, workers behave as the mode says. */
const trigger = process.env["TRIGGER"] ?? "";
const mode = existsSync(trigger) ? (process.env["MODE"] ?? "") : "";

const link = joinCluster();
let isLeading = false;
let collected = 0;
const open = new Set<ServerResponse>();

if (mode === "exit") process.exit(7);
if (mode === "fail") link.fail("The database is away.");
else serve();

function serve(): void {
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/loop") for (;;);
    if (path === "/throw") throw new Error("on purpose");
    if (path === "/stream") {
      open.add(response.writeHead(200));
      response.write("begun ");
      return;
    }
    if (path.startsWith("/toil/")) workHard(Number(path.slice("/toil/".length)));
    if (path === "/garbage") sendGarbage();
    if (path === "/say") link.send({ said: "hello" });
    const waitMs = path.startsWith("/slow/") ? Number(path.slice("/slow/".length)) : 0;
    const answer = () => response.end(JSON.stringify({ pid: process.pid, id: link.id, isLeading }));
    if (waitMs > 0) setTimeout(answer, waitMs);
    else answer();
  });
  server.keepAliveTimeout = 60_000;
  link.observe(server);
  link.collect(() => ({ collected: (collected += 1) }));
  link.onLead(() => {
    isLeading = true;
    return () => {
      isLeading = false;
    };
  });
  link.onDrain(() => {
    if (process.env["STREAMS"] !== "stay") for (const response of open) response.end("over");
  });
  link.onRetire(async () => {
    process.stdout.write(`finished ${link.id}\n`);
  });
  link.onMessage((message) => link.send({ echo: message }));
  server.listen(port, "127.0.0.1", () => {
    if (mode !== "mute") link.ready();
    if (mode === "die young") setTimeout(() => process.exit(3), 30);
  });
}

function workHard(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** What no worker of this package would send. */
function sendGarbage(): void {
  for (const garbage of [
    "text",
    17,
    ["list"],
    { kind: "ready" },
    { autoscale: 1, kind: "nonsense" },
    { autoscale: 1, kind: "report", report: { requests: -5 } },
    { autoscale: 1, kind: "report" },
    { autoscale: 1, kind: "failed", message: 3 },
  ])
    process.send?.(garbage);
}
