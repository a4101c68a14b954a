import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeId } from "../../kernel/ids.ts";
import { replaceNamedKey } from "../../store/api-keys.ts";
import type { Database } from "../../store/open-database.ts";
import { generateKey, hashKey } from "./hash-key.ts";

/**
 * Makes sure that there is an admin key: the configured one, or else one that is made at the first start and kept in
 * a file that only the operator can read.
 *
 * @returns the key, to be shown to the operator
 */
export async function ensureAdminKey(
  database: Database,
  options: { readonly configured: string | null; readonly dataDir: string; readonly machine: string },
): Promise<string> {
  const key = options.configured ?? (await keptKey(join(options.dataDir, "admin-key")));
  // Several machines on one database each keep a key of their own, and must not end each other's.
  const name =
    options.configured === null ? `made at the first start on ${options.machine}` : "HOLDFAST_ADMIN_KEY";
  await replaceNamedKey(database, { id: makeId(), name, role: "admin", digest: hashKey(key) });
  return key;
}

async function keptKey(file: string): Promise<string> {
  try {
    // Fails when the file exists, so that of two services started together one makes the key for both.
    const key = generateKey("admin");
    await writeFile(file, `${key}\n`, { mode: 0o600, flag: "wx" });
    return key;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return (await readFile(file, "utf8")).trim();
  }
}
