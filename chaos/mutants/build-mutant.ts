import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ChaosError } from "../chaos-error.ts";
import type { Edit, Mutant } from "./mutant.ts";

const run = promisify(execFile);

/** What is built or installed, and so is not listed among the project's sources. */
const shared = ["node_modules", "dashboard/dist", "storefront/dist"] as const;

/** A copy of the project. */
export interface ProjectCopy {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Copies the project as it lies here, changes and all, to a temporary folder. What is installed and what is built is
 * shared with the original by links.
 *
 * @throws ChaosError when an edit does not fit the sources any more
 */
export async function buildMutant(project: string, { name, edits }: Pick<Mutant, "name" | "edits">) {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-mutant-${name}-`));
  const copy: ProjectCopy = { folder, remove: () => rm(folder, { recursive: true, force: true }) };
  try {
    for (const path of await listSources(project)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      // A file that was deleted and not committed yet is listed all the same.
      await cp(join(project, path), join(folder, path)).catch(ignoreMissing);
    }
    for (const path of shared) await symlink(join(project, path), join(folder, path));
    for (const edit of edits) await applyEdit(folder, name, edit);
    return copy;
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

async function listSources(project: string): Promise<string[]> {
  const listing = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const { stdout } = await run("git", listing, { cwd: project, maxBuffer: 16 * 1024 * 1024 }).catch(
    (error: unknown) => {
      throw new ChaosError("Mutants are built from a checkout, with git: its files could not be listed.", {
        cause: error,
      });
    },
  );
  return stdout.split("\0").filter((path) => path !== "");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}

async function applyEdit(folder: string, mutant: string, edit: Edit): Promise<void> {
  const path = join(folder, edit.file);
  await writeFile(path, changeText(await readFile(path, "utf8"), mutant, edit));
}

/** @throws ChaosError unless what is to be replaced is there exactly once */
export function changeText(text: string, mutant: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const found = text.split(find).length - 1;
    throw new ChaosError(
      `The mutant ${mutant} does not fit ${file} any more: what it changes is there ${found} times.`,
    );
  }
  return before + replace + after;
}
