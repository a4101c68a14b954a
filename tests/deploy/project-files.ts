import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

export const projectFolder = resolve(import.meta.dirname, "../..");

/** A file of the project as text. @param path from the project's folder */
export function readText(path: string): string {
  return readFileSync(join(projectFolder, path), "utf8");
}

/** A YAML file of the project, with what it merges in. The caller says with zod what it expects. */
export function readYaml(path: string): unknown {
  return parse(readText(path), { merge: true });
}

export function exists(path: string): boolean {
  return existsSync(join(projectFolder, path));
}

/** Every file that is, or is about to be, under version control: those that a fresh clone has. */
export function listProjectFiles(): string[] {
  const options = { cwd: projectFolder, encoding: "utf8", maxBuffer: 16 * 1024 * 1024 } as const;
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    options,
  );
  return listed
    .split("\0")
    .filter((path) => path !== "" && exists(path))
    .sort();
}
