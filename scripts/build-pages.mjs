// @ts-check
// Builds the pages that browsers load, the dashboard and the storefront, when they are missing or older than their
// sources. Costs a few milliseconds when they are not.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withInstallLock } from "./lock-install.mjs";

const projectRoot = resolve(import.meta.dirname, "..");
const thisFile = fileURLToPath(import.meta.url);
/** How pages are built: by this file, and by what their builds share. */
const buildFiles = [thisFile, resolve(import.meta.dirname, "pack-pages.ts")];
/**
 * What is built, with the folders beside its own whose code is packed with it. Types leave no trace.
 * @typedef {"dashboard" | "storefront"} Pages
 * @type {Readonly<Record<Pages, readonly string[]>>}
 */
const packedWith = { dashboard: [], storefront: ["clients/typescript"] };
const allPages = /** @type {readonly Pages[]} */ (Object.keys(packedWith));
const notSources = new Set(["dist", "node_modules"]);
const draftPrefix = ".dist-";
const recordName = "built-from.txt";
const outputBytesMax = 20_000;

/** Pages could not be built. The message is one sentence for the operator, followed by what Vite said. */
export class PagesBuildError extends Error {}

/**
 * Every file that pages are made of, sorted.
 * @param {string} folder
 * @returns {string[]}
 */
function listSources(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter(({ name }) => !notSources.has(name) && !name.startsWith("."));
  return names
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listSources(path) : [path];
    })
    .sort();
}

/**
 * A fingerprint of the sources, of the packages that are packed with them, and of how that is done.
 * @param {string} root @param {Pages} pages
 */
function hashSources(root, pages) {
  const folders = [pages, ...packedWith[pages]].map((folder) => join(root, folder));
  const hash = createHash("sha256");
  for (const path of [...folders.flatMap(listSources), join(root, "package-lock.json"), ...buildFiles]) {
    const content = readFileSync(path);
    hash.update(`${path.slice(root.length)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** @param {string} dist @param {string} wanted */
function isBuiltFrom(dist, wanted) {
  try {
    return (
      readFileSync(join(dist, recordName), "utf8").trim() === wanted && existsSync(join(dist, "index.html"))
    );
  } catch {
    return false;
  }
}

/**
 * Runs Vite under the Node that runs us.
 * @param {string} root
 * @param {Pages} pages
 * @param {string} draft Where the files go.
 * @returns {Promise<void>}
 */
function runVite(root, pages, draft) {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const options = ["build", join(root, pages), "--outDir", draft, "--logLevel", "warn"];
  // Called from a test, NODE_ENV is "test", and React would be packed with its checks for development.
  const env = { ...process.env, NODE_ENV: "production" };
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, [vite, ...options], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk.toString("utf8")).slice(-outputBytesMax);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(new PagesBuildError(`Vite could not be started: ${error.message}.`)));
    child.on("close", (code, signal) => {
      if (code === 0) settle();
      else
        reject(
          new PagesBuildError(
            `The ${pages} could not be built (Vite ended with ${signal ?? code}).\n${output}`,
          ),
        );
    });
  });
}

/**
 * Puts a finished draft in the place of what was built before. Hashed files come first and the page that names them
 * last, so that whoever serves the folder meanwhile never names a file that is not there.
 * @param {string} draft
 * @param {string} dist
 */
async function publish(draft, dist) {
  const fresh = await listFiles(draft);
  const old = await listFiles(dist);
  for (const file of fresh.sort(
    (one, other) => Number(one === "index.html") - Number(other === "index.html"),
  )) {
    await mkdir(dirname(join(dist, file)), { recursive: true });
    await rename(join(draft, file), join(dist, file));
  }
  const kept = new Set([...fresh, recordName]);
  for (const file of old.filter((each) => !kept.has(each))) await rm(join(dist, file), { force: true });
}

/**
 * The files below a folder, by their paths in it; none when it does not exist.
 * @param {string} folder
 */
async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * Removes what a killed build left behind.
 * @param {string} folder
 */
async function removeDrafts(folder) {
  const names = await readdir(folder);
  const drafts = names.filter((name) => name.startsWith(draftPrefix));
  await Promise.all(drafts.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * Builds pages unless their folder `dist` was made from these very sources. Safe when several processes call it at
 * once: one builds, the others wait for it.
 *
 * @param {Pages} pages
 * @param {{ root?: string, tell?: (text: string) => void }} [options] `tell` is told in a sentence when it takes a while.
 * @returns {Promise<{ dist: string, wasBuilt: boolean }>} The folder to serve, and whether it was built just now.
 * @throws {PagesBuildError} When they cannot be built.
 */
export async function ensurePagesBuilt(pages, { root = projectRoot, tell = () => {} } = {}) {
  const dist = join(root, pages, "dist");
  const wanted = hashSources(root, pages);
  if (isBuiltFrom(dist, wanted)) return { dist, wasBuilt: false };
  /** @param {number | undefined} pid */
  const onWait = (pid) =>
    tell(`Waiting for another build of the ${pages}${pid ? ` (process ${pid})` : ""} to finish.`);
  const path = join(root, `.holdfast/${pages}-build.lock`);
  try {
    return await withInstallLock({ path, onWait }, async () => {
      if (isBuiltFrom(dist, wanted)) return { dist, wasBuilt: false };
      tell(`Building the ${pages}; this is needed once.`);
      await build(root, pages, wanted);
      return { dist, wasBuilt: true };
    });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === undefined) throw error;
    throw new PagesBuildError(
      `The ${pages} could not be written to ${dist} (${code}): make the folder writable.`,
    );
  }
}

/**
 * Builds whichever of the dashboard and the storefront is not as its sources are.
 *
 * @param {{ root?: string, tell?: (text: string) => void }} [options] As above.
 * @throws {PagesBuildError} When one of them cannot be built; the other is finished then.
 */
export async function ensureAllPagesBuilt(options = {}) {
  const builds = await Promise.allSettled(allPages.map((pages) => ensurePagesBuilt(pages, options)));
  for (const built of builds) if (built.status === "rejected") throw built.reason;
}

/** @param {string} root @param {Pages} pages @param {string} wanted The fingerprint of what is built. */
async function build(root, pages, wanted) {
  const folder = join(root, pages);
  const dist = join(folder, "dist");
  await removeDrafts(folder);
  const draft = await mkdtemp(join(folder, draftPrefix));
  try {
    await runVite(root, pages, draft);
    await publish(draft, dist);
    await writeFile(join(dist, recordName), `${wanted}\n`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  /** @param {string} text */
  const tell = (text) => process.stderr.write(`${text}\n`);
  try {
    await ensureAllPagesBuilt({ tell });
    tell("The dashboard and the storefront are built from these sources.");
  } catch (error) {
    if (!(error instanceof PagesBuildError)) throw error;
    tell(error.message);
    process.exitCode = 1;
  }
}
