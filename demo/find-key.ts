import { readFile } from "node:fs/promises";
import { UsageError } from "./demo-error.ts";
import type { Options } from "./options.ts";

/**
 * Finds the admin key: the one that was given, or else the one that the service keeps in its data folder.
 *
 * @throws UsageError when there is none
 */
export async function findKey({ key, keyFile }: Pick<Options, "key" | "keyFile">): Promise<string> {
  if (key !== null) return key;
  const kept = await readFile(keyFile, "utf8").catch(() => null);
  if (kept !== null && /^[\x21-\x7e]{1,300}$/.test(kept.trim())) return kept.trim();
  const problem = kept === null ? "can be read" : "is in the file";
  throw new UsageError(
    `No admin key ${problem} ${keyFile}; give the one that the service shows when it starts, with --key or in HOLDFAST_ADMIN_KEY.`,
  );
}
