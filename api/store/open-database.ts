import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { Schema } from "./schema.ts";
import { connectionTimeouts } from "./timeouts.ts";

export type Database = Kysely<Schema>;

/**
 * Opens the pool for everything but the desk: reads, and writes that move no stock.
 * Connections are made when first needed; a lost one is reported to `onLost` and replaced at the next use.
 */
export function openDatabase(options: {
  connectionString: string;
  connectionsMax: number;
  onLost: (error: Error) => void;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.connectionsMax,
    application_name: "holdfast",
    types: columnTypes,
    idleTimeoutMillis: 30_000,
    // In this mode the driver ends a connection whose query timed out, instead of handing it out again.
    pipeline: true,
    ...connectionTimeouts,
  });
  // Without a listener, a connection that breaks would end the process: the pool listens while it is idle, this
  // while it is in use.
  pool.on("error", options.onLost);
  pool.on("connect", (client) => client.on("error", options.onLost));
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
