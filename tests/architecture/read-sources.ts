import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";

/** One file of the project, by its path from the root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
}

export interface Import {
  readonly from: string;
  /** A path from the root for a file of ours, otherwise the package's name as written. */
  readonly to: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
}

const projectRoot = resolve(import.meta.dirname, "../..");

/** Every TypeScript and JavaScript file below a folder of the project; none when the folder does not exist. */
export function readSources(folder: string): Source[] {
  return listFiles(folder)
    .filter((path) => /\.(?:ts|tsx|mjs|js)$/.test(path))
    .map((path) => source(path, readFileSync(join(projectRoot, path), "utf8")));
}

/** What is not written by hand. */
const made = new Set(["node_modules", "dist"]);

/** Every file below a folder of the project, without what is installed or built. */
export function listFiles(folder: string): string[] {
  const start = join(projectRoot, folder);
  let entries;
  try {
    entries = readdirSync(start, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => made.has(part)))
    .sort();
}

export function source(path: string, text: string): Source {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
  return { path, text, code };
}

/** Everything that a file imports, types and re-exports included. */
export function importsOf({ path, code }: Source): Import[] {
  const statements = code.matchAll(/^\s*(?:import|export)\s([^"';]*?\sfrom\s+)?"([^"]+)"/gm);
  const calls = code.matchAll(/\bimport\(\s*"([^"]+)"/g);
  return [
    ...[...statements].map(([, names = "", target = ""]) =>
      resolveImport(path, target, bringsOnlyTypes(names)),
    ),
    ...[...calls].map(([, target = ""]) => resolveImport(path, target, false)),
  ];
}

function bringsOnlyTypes(names: string): boolean {
  if (/^type\s/.test(names)) return true;
  const braces = /^\{([\s\S]*)\}/.exec(names.trim())?.[1];
  if (braces === undefined) return false;
  const parts = braces.split(",").map((part) => part.trim());
  return parts.every((part) => part === "" || part.startsWith("type "));
}

function resolveImport(from: string, target: string, isTypeOnly: boolean): Import {
  const isOurs = target.startsWith(".");
  return { from, to: isOurs ? posix.join(dirname(from), target) : target, isOurs, isTypeOnly };
}
