// @ts-check
// Every npm script starts here: `node scripts/run.mjs TARGET [arguments]`.
// It installs what is missing, then runs TARGET under the Node version that the project pins.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError, ensureDependencies } from "./install-dependencies.mjs";
import { findPinnedNode } from "./platform-packages.mjs";
import { runTarget, stopWithParent } from "./run-target.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const OLDEST_BOOTSTRAP_NODE = 20;
const OLDEST_SERVICE_NODE = 26;
const currentMajor = Number.parseInt(process.versions.node, 10);

/**
 * @param {string} message One sentence for the operator.
 * @returns {never}
 */
function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** End this process by the signal that ended its child, so that the caller sees the same end.
 * @param {NodeJS.Signals} signal */
function endBySignal(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Windows and ignored signals do not end the process; this is the shell's convention for them.
  setTimeout(() => process.exit(1), 500);
}

/**
 * Runs the target in a child under another Node and takes over how it ends.
 * Signals are passed on without a guess at who else received them: the child counts a burst as one.
 * @param {string} node Path of the Node binary.
 * @param {string} target
 * @param {string[]} targetArguments
 */
function runUnder(node, target, targetArguments) {
  const runner = resolve(root, "scripts/run-target.mjs");
  const child = spawn(node, [...process.execArgv, runner, target, ...targetArguments], { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // On Windows the console reaches the child by itself, and kill() would end it without a drain.
      if (process.platform !== "win32") child.kill(signal);
    });
  }
  child.on("error", (error) => {
    // A binary for another C library fails here; the Node that runs us may be good enough.
    if (currentMajor >= OLDEST_SERVICE_NODE) void runTarget(target, targetArguments);
    else
      refuse(`The project's own Node cannot run on this machine (${error.message}): use Node 26 or later.`);
  });
  child.on("exit", (code, signal) => {
    if (signal) endBySignal(signal);
    else process.exit(code ?? 1);
  });
}

async function main() {
  const [target, ...targetArguments] = process.argv.slice(2);
  if (currentMajor < OLDEST_BOOTSTRAP_NODE) {
    refuse(`Holdfast needs Node ${OLDEST_BOOTSTRAP_NODE} or later to start, and this is ${process.version}.`);
  }
  if (!target) refuse("Usage: node scripts/run.mjs TARGET [arguments].");
  const targetPath = resolve(root, target);
  if (!existsSync(targetPath)) refuse(`There is no ${target} in this project.`);

  try {
    await ensureDependencies({ root, needsDevelopment: !target.startsWith("api/") });
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    if (error.signal) return endBySignal(error.signal);
    refuse(error.message);
  }

  if (process.env["npm_lifecycle_event"]) stopWithParent();
  const pinned = findPinnedNode(root);
  if (pinned && process.version !== `v${pinned.version}`) {
    runUnder(pinned.path, targetPath, targetArguments);
  } else if (pinned || currentMajor >= OLDEST_SERVICE_NODE) {
    await runTarget(targetPath, targetArguments);
  } else {
    refuse(
      `Holdfast runs on Node ${OLDEST_SERVICE_NODE}, this is ${process.version}, and the project's own Node is ` +
        "not installed: run npm ci without --omit=optional, or use Node 26 or later.",
    );
  }
}

await main();
