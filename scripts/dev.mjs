// @ts-check
// `npm run dev` runs the service and starts it again whenever its code changes, and serves the storefront and the
// dashboard from their sources with hot reload. Settings are those of npm start.

import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(new URL("..", import.meta.url)));
const watched = ["api", "migrations", "node-cluster-autoscale"];

/** @param {readonly string[]} nodeArguments */
function run(nodeArguments) {
  return spawn(process.execPath, nodeArguments, { cwd: root, stdio: "inherit" });
}

const service = run([
  "--watch",
  "--watch-preserve-output",
  ...watched.map((folder) => `--watch-path=${folder}`),
  join(root, "api/main.ts"),
  ...process.argv.slice(2),
]);
const vite = join(root, "node_modules/vite/bin/vite.js");
const children = [
  service,
  run([vite, "storefront", "--port", "5173"]),
  run([vite, "dashboard", "--port", "5174"]),
];

/** What has ended ends the others too. @param {number | null} code */
function end(code) {
  for (const child of children) if (child.exitCode === null) child.kill("SIGTERM");
  process.exitCode ??= code ?? 0;
}
for (const child of children) child.on("exit", end);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => end(0));
