import { readdir } from "node:fs/promises";
import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/**
 * The migrations of a folder that the database has not had yet. One that a newer version has brought does no harm,
 * so it is not told.
 *
 * @throws when the database cannot be reached, or has had no migration at all
 */
export async function selectMissingMigrations(database: Database, folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}-.+\.ts$/.test(file));
  const result = await sql<{ name: string }>`select name from kysely_migration`.execute(database);
  const applied = new Set(result.rows.map(({ name }) => name));
  return files
    .map((file) => file.replace(/\.ts$/, ""))
    .filter((name) => !applied.has(name))
    .sort();
}
