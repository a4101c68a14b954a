// @ts-check
// Compares node_modules with package-lock.json without running npm.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findPlatformPackages } from "./platform-packages.mjs";

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, dev?: boolean, devOptional?: boolean,
 *   optional?: boolean }} LockedPackage
 * @typedef {{ matches: boolean, omitted: ("dev" | "optional")[] }} Comparison
 */

/** @param {string} path @returns {Record<string, LockedPackage> | undefined} */
function readLockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Platform packages that should be here and are not. @param {string} root @returns {string[]} */
export function listMissingPlatformPackages(root) {
  const { node, postgres } = findPlatformPackages(root);
  return [node, postgres].flatMap((found) => (found && !found.installed ? [found.name] : []));
}

/**
 * Whether node_modules holds what the lock file asks for. Groups that were left out as a whole, as
 * `npm ci --omit=dev` does, are named in `omitted` and are not a difference.
 * @param {string} root Project folder.
 * @returns {Comparison}
 */
export function compareInstalled(root) {
  const wanted = readLockedPackages(join(root, "package-lock.json"));
  const installed = readLockedPackages(join(root, "node_modules/.package-lock.json"));
  if (!wanted || !installed) return { matches: false, omitted: [] };

  const wantedList = Object.values(wanted);
  const installedList = Object.values(installed);
  const omitsDev = wantedList.some((entry) => entry.dev) && !installedList.some((entry) => entry.dev);
  const omitsOptional =
    wantedList.some((entry) => entry.optional) && !installedList.some((entry) => entry.optional);

  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/")) continue;
    const found = installed[path];
    if (found) {
      const same = found.version === entry.version && found.integrity === entry.integrity;
      if (!same || !existsSync(join(root, path))) return { matches: false, omitted: [] };
      continue;
    }
    // npm leaves out optional packages of other platforms, and what only they need.
    if (entry.optional || (omitsDev && (entry.dev || entry.devOptional))) continue;
    return { matches: false, omitted: [] };
  }
  if (!omitsOptional && listMissingPlatformPackages(root).length > 0) return { matches: false, omitted: [] };

  /** @type {("dev" | "optional")[]} */
  const omitted = [];
  if (omitsDev) omitted.push("dev");
  if (omitsOptional) omitted.push("optional");
  return { matches: true, omitted };
}
