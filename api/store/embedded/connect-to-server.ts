import { realpath } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { readErrorCode, readErrorMessage } from "./embedded-postgres-error.ts";
import { DATABASE_USER } from "./initialise-data-directory.ts";

const CONNECT_TIMEOUT_MS = 2_000;
const QUERY_TIMEOUT_MS = 5_000;
const END_TIMEOUT_MS = 500;

/** The address of a database on the embedded server. The password has no character that needs escaping. */
export function buildConnectionString(
  port: number,
  password: string,
  database: string = DATABASE_USER,
): string {
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** A client with limits on every wait, whose loss is never an unhandled error. */
export function createClient(connectionString: string, applicationName: string): Client {
  const client = new Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on("error", () => undefined);
  return client;
}

/** Ends a client. A server that does not react is waited for half a second at most. */
export async function endClient(client: Client): Promise<void> {
  const ended = client.end().catch(() => undefined);
  const given = new AbortController();
  await Promise.race([
    ended,
    wait(END_TIMEOUT_MS, undefined, { signal: given.signal }).catch(() => undefined),
  ]);
  given.abort();
  client.connection.stream.destroy();
}

/**
 * Whether the server on a port is the one of our data directory, asked over a connection with our password.
 * - unready: it starts, stops, or is not reachable now.
 */
export async function verifyServer(options: {
  port: number;
  password: string;
  dataDirectory: string;
}): Promise<{ kind: "ours" } | { kind: "unready" | "foreign" | "refused"; reason: string }> {
  const client = createClient(
    buildConnectionString(options.port, options.password, "postgres"),
    "holdfast check",
  );
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    const directory = rows[0]?.data_directory ?? "";
    const real = await realpath(directory).catch(() => directory);
    if (real === options.dataDirectory) return { kind: "ours" };
    return { kind: "foreign", reason: `its data is in ${directory}` };
  } catch (error) {
    const reason = readErrorMessage(error);
    const code = readErrorCode(error);
    // 28P01 and 28000: invalid password, invalid authorization.
    return { kind: code === "28P01" || code === "28000" ? "refused" : "unready", reason };
  } finally {
    await endClient(client);
  }
}

/** Creates the service's database on a server that does not have it yet. */
export async function createDatabase(port: number, password: string): Promise<void> {
  const client = createClient(buildConnectionString(port, password, "postgres"), "holdfast start");
  try {
    await client.connect();
    const { rows } = await client.query("select 1 from pg_database where datname = $1", [DATABASE_USER]);
    if (rows.length === 0) await client.query(`create database ${DATABASE_USER}`);
  } catch (error) {
    // 42P04 duplicate_database, 23505 unique_violation: another start created it at the same moment.
    if (!["42P04", "23505"].includes(readErrorCode(error) ?? "")) throw error;
  } finally {
    await endClient(client);
  }
}
