// @ts-check
// Starts programs without a shell, so that nothing is ever taken apart or put together on the way.

import { spawn } from "node:child_process";
import { resolve } from "node:path";

const projectFolder = resolve(import.meta.dirname, "../..");

/**
 * Starts a program whose output is shown as it comes.
 *
 * @param {string} program @param {readonly string[]} args @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
export function start(program, args, options) {
  const child = spawn(program, [...args], { ...options, stdio: ["ignore", "inherit", "inherit"] });
  /** @type {number | null} */
  let code = null;
  /** @type {Promise<number>} */
  const exited = new Promise((settle) => {
    const end = (/** @type {number | null} */ ended) => {
      code = ended ?? 1;
      settle(code);
    };
    child.once("exit", end);
    child.once("error", () => end(1));
  });
  return {
    exited,
    exitCode: () => code,
    /** Asks it to stop, if it runs. */
    stop: () => void (code === null && child.kill("SIGTERM")),
  };
}

/**
 * Runs docker to its end.
 *
 * @param {readonly string[]} args @returns {Promise<{ code: number, output: string }>} what it wrote, whatever way
 */
export function docker(...args) {
  return new Promise((settle, fail) => {
    const child = spawn("docker", [...args], { cwd: projectFolder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    child.once("error", () =>
      fail(new Error("The program docker cannot be started; is an engine installed?")),
    );
    child.once("close", (code) => settle({ code: code ?? 1, output }));
  });
}

/**
 * Runs docker and insists on its success.
 *
 * @param {readonly string[]} args @returns {Promise<string>} what it wrote
 */
export async function insist(...args) {
  const { code, output } = await docker(...args);
  if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}: ${output.trim()}`);
  return output;
}

/** @param {readonly string[]} args */
export function compose(...args) {
  return insist("compose", ...args);
}
