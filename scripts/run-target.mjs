// @ts-check
// Runs a file of the project in this very process, as if Node had been started with it.

import * as module from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureAllPagesBuilt, PagesBuildError } from "./build-pages.mjs";

/** The target that serves the dashboard and the storefront. */
const serviceTarget = fileURLToPath(new URL("../api/main.ts", import.meta.url));

/** Signals of the same name closer than this are one request to stop. */
const SIGNAL_BURST_MS = 500;
const PARENT_POLL_MS = 250;

/**
 * Ctrl-C in a terminal reaches a process up to three times within milliseconds: from the terminal, from npm
 * and from scripts/run.mjs. Only a later one is the user's second Ctrl-C, so a burst is delivered once.
 */
function deliverSignalBurstsOnce() {
  /** @type {Map<string, number>} */
  const deliveredAtMs = new Map();
  const emit = process.emit;
  /** @param {any[]} event */
  const emitOnce = function (...event) {
    const [name] = event;
    if (name === "SIGINT" || name === "SIGTERM" || name === "SIGHUP") {
      const nowMs = performance.now();
      if (nowMs - (deliveredAtMs.get(name) ?? -Infinity) < SIGNAL_BURST_MS) return true;
      deliveredAtMs.set(name, nowMs);
    }
    return Reflect.apply(emit, process, event);
  };
  process.emit = /** @type {typeof process.emit} */ (emitOnce);
}

/**
 * Asks this process to stop when the one that started it is gone. npm runs a script in a shell, and a SIGTERM
 * that npm receives ends that shell alone; without this the service would live on with nobody to stop it.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_POLL_MS);
  look.unref();
}

/** Builds the pages whose sources are newer, under this very Node. */
async function buildPages() {
  try {
    await ensureAllPagesBuilt({ tell: (text) => process.stderr.write(`${text}\n`) });
  } catch (error) {
    if (!(error instanceof PagesBuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/**
 * Keeps compiled code for the next start: TypeScript is stripped once instead of at every start, which saves
 * time and a quarter of the memory at rest. A coverage run must see the code as it is written.
 */
function keepCompiledCode() {
  if (process.env["NODE_V8_COVERAGE"]) return;
  const directory = fileURLToPath(new URL("../node_modules/.cache/holdfast-compiled", import.meta.url));
  // For what this process starts, too: with it a worker starts in half the time. By paths that are relative to the
  // cache, so that a copy of the project finds what the original has compiled.
  process.env["NODE_COMPILE_CACHE"] = directory;
  process.env["NODE_COMPILE_CACHE_PORTABLE"] = "1";
  // Node 20, which only ever starts the install, has no such cache.
  module.enableCompileCache?.({ directory, portable: true });
}

/**
 * @param {string} target Absolute path of the file to run.
 * @param {string[]} targetArguments What it finds in process.argv from index 2 on.
 */
export async function runTarget(target, targetArguments) {
  if (target === serviceTarget) await buildPages();
  deliverSignalBurstsOnce();
  keepCompiledCode();
  process.argv = [process.argv[0] ?? process.execPath, target, ...targetArguments];
  await import(pathToFileURL(target).href);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [target, ...targetArguments] = process.argv.slice(2);
  stopWithParent();
  if (target) await runTarget(resolve(target), targetArguments);
}
