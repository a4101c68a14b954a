// @ts-check
// A lock between commands that start at the same moment on a fresh clone, so that only one of them installs.

import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const BEAT_MS = 2_000;
/** A holder that has not touched its lock for so long is gone, even when its process id lives on in another. */
const BEAT_LOST_MS = 30_000;
/** An npm that outlived its parent is waited for so long. */
const ORPHAN_WAIT_MS = 10 * 60_000;
const WAIT_MAX_MS = 15 * 60_000;

/** @typedef {{ token: string, host: string, pid: number, npmPid: number }} Holder */

/** @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * @param {string} path
 * @returns {{ holder: Holder | undefined, text: string, ageMs: number } | undefined} Nothing when it is free.
 */
function readLock(path) {
  try {
    const text = readFileSync(path, "utf8");
    const ageMs = Date.now() - statSync(path).mtimeMs;
    try {
      return { holder: JSON.parse(text), text, ageMs };
    } catch {
      return { holder: undefined, text, ageMs };
    }
  } catch {
    return undefined;
  }
}

/** @param {{ holder: Holder | undefined, ageMs: number }} lock */
function isStale({ holder, ageMs }) {
  const beats = ageMs < BEAT_LOST_MS;
  // A process id of another machine or container says nothing here.
  if (!holder || holder.host !== hostname()) return !beats;
  if (isAlive(holder.pid) && beats) return false;
  return !(isAlive(holder.npmPid) && ageMs < ORPHAN_WAIT_MS);
}

/**
 * Moves a stale lock away. When another process has replaced it in between, that lock is put back.
 * @param {string} path
 * @param {string} staleText
 */
function removeStaleLock(path, staleText) {
  const aside = `${path}.${process.pid}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== staleText) linkSync(aside, path);
  } catch {
    // Somebody else was faster; the next turn looks again.
  }
  rmSync(aside, { force: true });
}

/**
 * Creates the lock with its content in one step, so that nobody reads half of it.
 * @param {string} path
 * @param {Holder} holder
 */
function tryLock(path, holder) {
  const draft = `${path}.${process.pid}.${holder.token}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Runs `work` while holding the lock; waits at most 15 minutes for another holder.
 * @template T
 * @param {{ path: string, onWait: (pid: number | undefined) => void }} options
 * @param {(setNpmPid: (pid: number) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withInstallLock({ path, onWait }, work) {
  // The server's user must be able to pass through this folder; it holds data later.
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const holder = { token: randomUUID(), host: hostname(), pid: process.pid, npmPid: 0 };
  const startedAtMs = Date.now();
  let told = false;
  while (!tryLock(path, holder)) {
    const lock = readLock(path);
    if (lock && isStale(lock)) {
      removeStaleLock(path, lock.text);
      continue;
    }
    if (Date.now() - startedAtMs > WAIT_MAX_MS) {
      throw new Error(`Another install has held ${path} for 15 minutes: stop it, or delete that file.`);
    }
    if (!told) onWait(lock?.holder?.pid);
    told = true;
    await wait(200);
  }
  const isOurs = () => readLock(path)?.holder?.token === holder.token;
  const beat = setInterval(() => {
    if (isOurs()) utimesSync(path, new Date(), new Date());
  }, BEAT_MS);
  try {
    return await work((npmPid) => {
      holder.npmPid = npmPid;
      if (isOurs()) writeFileSync(path, JSON.stringify(holder));
    });
  } finally {
    clearInterval(beat);
    if (isOurs()) rmSync(path, { force: true });
  }
}
