// @ts-check
// `npm test` runs every test, measures the coverage of api/ and holds it against the gate in .c8rc.json.
// `npm test -- PATTERN` runs the test files whose path contains PATTERN, without the gate.

import { spawn } from "node:child_process";
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The parts of Vitest's JSON report that are read here.
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ success: boolean, numPassedTests: number, numFailedTests: number, numPendingTests: number,
 *   numTodoTests: number, testResults: FileResult[] }} Report
 */

/** Files that hold nothing but types: they never run, so they can be neither covered nor missed. */
async function findTypeOnlyFiles() {
  /** @type {string[]} */
  const files = [];
  for await (const file of glob("api/**/*.ts", { cwd: root })) {
    const code = stripTypeScriptTypes(await readFile(join(root, file), "utf8"));
    if (
      code
        .replaceAll(/\/\*[^]*?\*\//g, "")
        .replaceAll(/\/\/.*/g, "")
        .trim() === ""
    )
      files.push(file);
  }
  return files;
}

/**
 * @param {string[]} filters
 * @param {string} reportFile
 */
async function commandFor(filters, reportFile) {
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run", ...filters];
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const run = [process.execPath, ...vitest, ...reporters];
  if (filters.length > 0) return run;
  const excluded = (await findTypeOnlyFiles()).flatMap((file) => ["--exclude", file]);
  return [process.execPath, join(root, "node_modules/c8/bin/c8.js"), ...excluded, ...run];
}

/**
 * @param {string[]} command
 * @returns {Promise<number>} The exit code.
 */
function runToEnd([program = "", ...programArguments]) {
  return new Promise((settle, reject) => {
    const child = spawn(program, programArguments, { cwd: root, stdio: "inherit" });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      process.on(signal, () => child.kill(signal));
    }
    child.on("error", reject);
    child.on("exit", (code) => settle(code ?? 1));
  });
}

/**
 * Counts what ran. A file that could not even be loaded is one failure, and so is a run that failed outside of
 * any test.
 * @param {string} reportFile
 */
async function summarise(reportFile) {
  const text = await readFile(reportFile, "utf8").catch(() => null);
  if (text === null) return "0 passed, 1 failed";
  /** @type {Report} */
  const report = JSON.parse(text);
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((result) => result.status !== "failed"),
  );
  const counted = report.numFailedTests + unloaded.length;
  const failed = counted === 0 && !report.success ? 1 : counted;
  const skipped = report.numPendingTests + report.numTodoTests;
  return `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const folder = await mkdtemp(join(tmpdir(), "holdfast-test-report-"));
const reportFile = join(folder, "report.json");
let summary = "0 passed, 1 failed";
try {
  process.exitCode = await runToEnd(await commandFor(process.argv.slice(2), reportFile));
  summary = await summarise(reportFile);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${summary}\n`);
