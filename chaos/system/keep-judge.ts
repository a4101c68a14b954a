import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** The role that judges log in as. */
export const judgeRole = "holdfast_judge";

const connectMaxMs = 5_000;

/** A connection with a limit on every wait, whose loss is no error of this process. */
export function createClient(connectionString: string, queryMaxMs: number): Client {
  const client = new Client({
    connectionString,
    application_name: "holdfast chaos",
    connectionTimeoutMillis: connectMaxMs,
    query_timeout: queryMaxMs,
  });
  client.on("error", () => {});
  return client;
}

/** Lets go of a connection, whatever state it is in. */
export async function endClient(client: Client): Promise<void> {
  client.end().catch(() => {});
  client.connection.stream.destroy();
}

/**
 * Makes the role that a judge reads with: it may read everything, and change nothing.
 *
 * @param ownerUrl of the database's owner, who may make roles
 * @returns the same database as that role sees it
 */
export async function createJudge(ownerUrl: string): Promise<string> {
  const password = randomBytes(18).toString("base64url");
  const client = createClient(ownerUrl, connectMaxMs);
  try {
    await client.connect();
    // base64url has no character that needs escaping.
    await client.query(
      `create role ${judgeRole} login password '${password}' in role pg_read_all_data, pg_monitor`,
    );
    await client.query(`alter role ${judgeRole} set default_transaction_read_only = on`);
  } finally {
    await endClient(client);
  }
  const url = new URL(ownerUrl);
  url.username = judgeRole;
  url.password = password;
  return url.href;
}
