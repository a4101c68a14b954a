// @ts-check
// Brings node_modules in line with package-lock.json, and costs a few milliseconds when it already is.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compareInstalled, listMissingPlatformPackages } from "./compare-installed.mjs";
import { withInstallLock } from "./lock-install.mjs";

/** The dependencies could not be installed. The message is one sentence for the operator. */
export class InstallError extends Error {
  /** @param {string} message @param {NodeJS.Signals} [signal] The signal that ended the install. */
  constructor(message, signal) {
    super(message);
    this.signal = signal;
  }
}

/** @param {string} message */
function tell(message) {
  process.stderr.write(`${message}\n`);
}

/**
 * What a matching stamp starts with: the lock file's hash and the platform that it was installed for.
 * @param {string} root
 */
function fingerprint(root) {
  const lock = readFileSync(join(root, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}`;
}

/** @param {string} root */
const stampPath = (root) => join(root, "node_modules/.holdfast-install");

/**
 * @param {string} root
 * @param {boolean} needsDevelopment
 */
function isStampedAsInstalled(root, needsDevelopment) {
  let stamp;
  try {
    stamp = readFileSync(stampPath(root), "utf8").trim();
  } catch {
    return false;
  }
  const wanted = fingerprint(root);
  if (stamp !== wanted && !stamp.startsWith(`${wanted} `)) return false;
  const omitted = stamp.slice(wanted.length).split(" ");
  if (needsDevelopment && omitted.includes("dev")) return false;
  return omitted.includes("optional") || listMissingPlatformPackages(root).length === 0;
}

/**
 * The slower look, for a node_modules that was made by npm alone. Writes the stamp when all is there.
 * @param {string} root
 * @param {boolean} needsDevelopment
 */
function isInstalledByComparison(root, needsDevelopment) {
  const { matches, omitted } = compareInstalled(root);
  if (!matches || (needsDevelopment && omitted.includes("dev"))) return false;
  try {
    writeFileSync(stampPath(root), `${[fingerprint(root), ...omitted].join(" ")}\n`);
  } catch {
    // A read-only node_modules is compared again at the next start.
  }
  return true;
}

/**
 * The npm that runs us, or the one on the PATH.
 * @returns {{ command: string, leading: string[], shell: boolean }}
 */
function findNpm() {
  const script = process.env["npm_execpath"];
  if (script && basename(script).startsWith("npm") && existsSync(script)) {
    return { command: process.env["npm_node_execpath"] || process.execPath, leading: [script], shell: false };
  }
  // On Windows npm is a .cmd file, which only a shell can start.
  return { command: "npm", leading: [], shell: process.platform === "win32" };
}

/**
 * @param {string} root
 * @param {boolean} needsDevelopment
 * @param {(pid: number) => void} setNpmPid
 * @returns {Promise<void>}
 */
function runNpmCi(root, needsDevelopment, setNpmPid) {
  const { command, leading, shell } = findNpm();
  // No package needs its install script: the one that has one is completed at the server's start.
  const options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  if (needsDevelopment) options.push("--include=dev");
  return new Promise((resolve, reject) => {
    // npm's own output belongs to the operator, not into the output of the command.
    const npm = spawn(command, [...leading, ...options], { cwd: root, stdio: ["ignore", 2, 2], shell });
    if (npm.pid) setNpmPid(npm.pid);
    /** @type {NodeJS.Signals | undefined} */
    let received;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      received = signal;
      npm.kill(signal);
    };
    const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
    for (const signal of signals) process.on(signal, passOn);
    const settle = () => {
      for (const signal of signals) process.off(signal, passOn);
    };
    npm.on("error", (error) => {
      settle();
      reject(new InstallError(`npm could not be started to install the dependencies: ${error.message}.`));
    });
    npm.on("exit", (code, endedBy) => {
      settle();
      const signal = received ?? endedBy;
      if (signal) reject(new InstallError("Installing the dependencies was interrupted.", signal));
      else if (code === 0) resolve();
      else
        reject(new InstallError(`Installing the dependencies failed (npm ended with ${code}, see above).`));
    });
  });
}

/**
 * Installs the dependencies when they are missing or differ from package-lock.json.
 * @param {{ root: string, needsDevelopment: boolean }} options `needsDevelopment`: tools and tests count too.
 * @returns {Promise<void>}
 * @throws {InstallError} When npm fails or is interrupted.
 */
export async function ensureDependencies({ root, needsDevelopment }) {
  if (!existsSync(join(root, "package-lock.json"))) {
    throw new InstallError("package-lock.json is missing: restore it from the repository.");
  }
  if (isStampedAsInstalled(root, needsDevelopment) || isInstalledByComparison(root, needsDevelopment)) return;
  const leavesOutOptional = (process.env["npm_config_omit"] ?? "").split(/\s+/).includes("optional");
  /** @param {number | undefined} pid */
  const onWait = (pid) => tell(`Waiting for another install${pid ? ` (process ${pid})` : ""} to finish.`);

  try {
    await withInstallLock({ path: join(root, ".holdfast/install.lock"), onWait }, async (setNpmPid) => {
      if (isInstalledByComparison(root, needsDevelopment)) return;
      tell("Installing the dependencies with npm ci; this is needed once.");
      rmSync(stampPath(root), { force: true });
      await runNpmCi(root, needsDevelopment, setNpmPid);
      if (isInstalledByComparison(root, needsDevelopment) || leavesOutOptional) return;
      // npm keeps silent about an optional package that it could not download.
      const missing = listMissingPlatformPackages(root);
      if (missing.length === 0) return;
      tell(`npm left out ${missing.join(" and ")}; trying once more.`);
      await runNpmCi(root, needsDevelopment, setNpmPid);
      isInstalledByComparison(root, needsDevelopment);
    });
  } catch (error) {
    if (error instanceof InstallError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InstallError(`Installing the dependencies failed: ${reason}`);
  }
}
