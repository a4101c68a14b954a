import { createHash, randomBytes, randomUUID } from "node:crypto";
import { resolve } from "node:path";
import pg from "pg";
import { migrate } from "../../api/store/migrate.ts";
import { BenchError } from "../bench-error.ts";

const migrationsFolder = resolve(import.meta.dirname, "../../migrations");

/** What each database is for. */
const databaseNames = ["desk", "history", "naive", "noop", "cluster"] as const;
export type DatabaseName = (typeof databaseNames)[number];

/** A migrated database of one arm. */
export interface BenchDatabase {
  readonly connectionString: string;
  /** A key with the role `service`. */
  readonly apiKey: string;
  /**
   * For the bench's own statements. Never used while a load is measured, except where a measurement says so.
   */
  readonly client: pg.Client;
}

/** The bench's hold on a server: one bench at a time, and its databases are dropped at the end. */
export class BenchDatabases {
  readonly #server: pg.Client;
  readonly #connectionString: string;
  readonly #open = new Map<DatabaseName, BenchDatabase>();

  private constructor(server: pg.Client, connectionString: string) {
    this.#server = server;
    this.#connectionString = connectionString;
  }

  /** @throws BenchError when the server cannot be reached or another bench uses it */
  static async open(connectionString: string): Promise<BenchDatabases> {
    const server = await connectTo(connectionString).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BenchError(`PostgreSQL could not be reached: ${reason}. Check DATABASE_URL.`, {
        cause: error,
      });
    });
    try {
      const { rows } = await server.query<{ mine: boolean }>(
        "select pg_try_advisory_lock(hashtext('holdfast bench')) as mine",
      );
      if (rows[0]?.mine !== true) {
        throw new BenchError("Another bench is running on this PostgreSQL server; wait until it has ended.");
      }
      return new BenchDatabases(server, connectionString);
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  get server(): pg.Client {
    return this.#server;
  }

  /** Creates and migrates the database of an arm at its first use. What a killed bench left is replaced. */
  async get(name: DatabaseName): Promise<BenchDatabase> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const connectionString = addressOf(this.#connectionString, fullName(name));
    await this.#server.query(`drop database if exists ${fullName(name)} with (force)`);
    await this.#server.query(`create database ${fullName(name)}`);
    await migrate(connectionString, migrationsFolder);
    const client = await connectTo(connectionString);
    const database = { connectionString, client, apiKey: await createServiceKey(client) };
    this.#open.set(name, database);
    return database;
  }

  /** Drops every database of the bench, those of a killed one too. The arms must have let go of them. */
  async close(): Promise<void> {
    try {
      for (const { client } of this.#open.values()) await client.end();
      for (const name of databaseNames) {
        await this.#server.query(`drop database if exists ${fullName(name)} with (force)`);
      }
    } finally {
      await this.#server.end();
    }
  }
}

async function connectTo(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: "holdfast bench",
    connectionTimeoutMillis: 5_000,
  });
  // The statement that needs a lost connection reports the loss.
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function createServiceKey(client: pg.Client): Promise<string> {
  const key = `hf_service_${randomBytes(24).toString("base64url")}`;
  const digest = createHash("sha256").update(key).digest();
  await client.query("insert into api_keys (id, name, role, digest) values ($1, 'bench', 'service', $2)", [
    randomUUID(),
    digest,
  ]);
  return key;
}

function fullName(name: DatabaseName): string {
  return `holdfast_bench_${name}`;
}

function addressOf(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  return url.href;
}
