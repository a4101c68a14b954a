import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { databaseUrl, onServer } from "./on-server.ts";

export interface TestDatabase {
  readonly connectionString: string;
  /** Runs one statement as a second client would, past the service. @returns its rows */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** A connection of one's own, for transactions that stay open. Closed with the database. */
  connect(): Promise<pg.Client>;
  /** Drops the database. */
  close(): Promise<void>;
}

/** Makes a database for one test file: a clone of the migrated template, shared with nobody. */
export async function openTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const name = `holdfast_test_${randomBytes(6).toString("hex")}`;
  const template = options.empty === true ? "template0" : inject("templateName");
  await onServer(serverUrl, `create database ${name} template ${template}`);
  const connectionString = databaseUrl(serverUrl, name);
  const pool = new pg.Pool({ connectionString, max: 2, application_name: "test" });
  pool.on("error", () => {});
  const clients: pg.Client[] = [];
  return {
    connectionString,
    query: async (text, values) => (await pool.query(text, values)).rows,
    connect: async () => {
      const client = new pg.Client({ connectionString, application_name: "test transaction" });
      client.on("error", () => {});
      await client.connect();
      clients.push(client);
      return client;
    },
    close: async () => {
      await Promise.allSettled(clients.map((client) => client.end()));
      await pool.end();
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}
