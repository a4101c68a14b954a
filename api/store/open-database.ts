import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { Schema } from "./schema.ts";
import { connectionTimeouts } from "./timeouts.ts";

export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  readonly connectionString: string;
  readonly connectionsMax: number;
  readonly onLost: (error: Error) => void;
  /**
   * Has the planner go by index and take rows as they come. What it believes of a table that has just grown would else
   * make it read and sort the whole of it for a few rows.
   */
  readonly byIndex?: boolean;
}

/** How much of a pool is in use. */
interface PoolState {
  /** Open ones, in use or not. */
  readonly connections: number;
  readonly connectionsMax: number;
  /** Queries that wait for a connection. */
  readonly waiting: number;
}

/** A database whose pool can be watched. */
export interface WatchedDatabase {
  readonly database: Database;
  readPool(): PoolState;
}

/**
 * Opens the pool for everything but the desk: reads, and writes that move no stock.
 * Connections are made when first needed; a lost one is reported to `onLost` and replaced at the next use.
 */
export function openDatabase(options: DatabaseOptions): Database {
  return openWatchedDatabase({ ...options, onWaited: () => {} }).database;
}

/**
 * Does the same for a caller who wants to know how the pool is doing.
 *
 * @param options.onWaited is told how long each query waited for a connection, in ms, whether it got one or not
 */
export function openWatchedDatabase(
  options: DatabaseOptions & { readonly onWaited: (waitedMs: number) => void },
): WatchedDatabase {
  const { connectionsMax, onWaited } = options;
  const pool = openPool(options);
  const connect = async () => {
    const sinceMs = performance.now();
    try {
      return await pool.connect();
    } finally {
      onWaited(performance.now() - sinceMs);
    }
  };
  return {
    database: new Kysely<Schema>({
      dialect: new PostgresDialect({ pool: { options: pool.options, connect, end: () => pool.end() } }),
    }),
    readPool: () => ({ connections: pool.totalCount, connectionsMax, waiting: pool.waitingCount }),
  };
}

const byIndexSettings = ["seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"]
  .map((way) => `-c enable_${way}=off`)
  .join(" ");

function openPool({ connectionString, connectionsMax, onLost, byIndex }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: connectionsMax,
    application_name: "holdfast",
    types: columnTypes,
    ...(byIndex === true && { options: byIndexSettings }),
    idleTimeoutMillis: 30_000,
    // In this mode the driver ends a connection whose query timed out, instead of handing it out again.
    pipeline: true,
    ...connectionTimeouts,
  });
  // Without a listener, a connection that breaks would end the process: the pool listens while it is idle, this
  // while it is in use.
  pool.on("error", onLost);
  pool.on("connect", (client) => client.on("error", onLost));
  return pool;
}
