import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely, PostgresDialect } from "kysely";
import { Migrator, type Migration, type MigrationProvider } from "kysely/migration";
import pg from "pg";
import { migrateJobQueue } from "./migrate-job-queue.ts";

/** Reads the frozen migrations in `folder`: files named NNNN-what-they-do.ts, in the order of their names. */
class FolderOfMigrations implements MigrationProvider {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async getMigrations(): Promise<Record<string, Migration>> {
    const files = (await readdir(this.#folder)).filter((file) => /^\d{4}-.+\.ts$/.test(file)).sort();
    const migrations: Record<string, Migration> = {};
    for (const file of files) {
      const module: unknown = await import(pathToFileURL(join(this.#folder, file)).href);
      if (!isMigration(module)) throw new Error(`Migration ${file} has no function "up".`);
      migrations[file.replace(/\.ts$/, "")] = module;
    }
    return migrations;
  }
}

function isMigration(module: unknown): module is Migration {
  return typeof module === "object" && module !== null && "up" in module && typeof module.up === "function";
}

/**
 * Brings the database to the newest schema, and that of the durable jobs beside it. Safe when several services start at
 * once: whoever is at it holds an advisory lock, so one of them does the work and the others find it done.
 *
 * @returns the names of the migrations that were applied now
 * @throws when a migration fails; the database is then as it was before
 */
export async function migrate(connectionString: string, folder: string): Promise<string[]> {
  const applied = await migrateTables(connectionString, folder);
  await migrateJobQueue(connectionString);
  return applied;
}

async function migrateTables(connectionString: string, folder: string): Promise<string[]> {
  // No time-outs here: a migration of a large table may take as long as it needs.
  const pool = new pg.Pool({ connectionString, max: 2, application_name: "holdfast migrations" });
  // A connection that breaks fails the statement that it was used for. The pool listens while it is idle, this while it
  // is in use; without them it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db: database, provider: new FolderOfMigrations(folder) });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
    return (results ?? [])
      .filter((result) => result.status === "Success")
      .map((result) => result.migrationName);
  } finally {
    await database.destroy();
  }
}
