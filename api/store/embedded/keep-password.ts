import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EmbeddedPostgresError, readErrorCode, readErrorMessage } from "./embedded-postgres-error.ts";
import { draftName } from "./remove-leftovers.ts";

const FILE_NAME = "postgres-password";
const PASSWORD_PATTERN = /^[\w-]{20,200}$/;

/**
 * Reads the database password that is kept in the data folder.
 * @returns Undefined when there is none yet.
 */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, FILE_NAME);
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return undefined;
    throw new EmbeddedPostgresError(
      `The database password in ${path} cannot be read (${readErrorMessage(error)}): use the user who made it.`,
    );
  }
  if (!PASSWORD_PATTERN.test(text)) {
    throw new EmbeddedPostgresError(
      `The file ${path} holds no valid password: restore it, or set DATA_DIR to another folder.`,
    );
  }
  return text;
}

/**
 * Reads the database password, or makes a random one that only this user can read. Of two processes that make
 * one at the same moment, the first wins and both use its password.
 */
export async function keepPassword(dataDir: string): Promise<string> {
  const kept = await readPassword(dataDir);
  if (kept !== undefined) return kept;
  const draft = join(dataDir, draftName(FILE_NAME));
  try {
    await writeFile(draft, `${randomBytes(24).toString("base64url")}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    await link(draft, join(dataDir, FILE_NAME)).catch((error: unknown) => {
      if (readErrorCode(error) !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readPassword(dataDir);
  if (made === undefined) throw new EmbeddedPostgresError(`No password could be kept in ${dataDir}.`);
  return made;
}
