import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { RunError } from "./run-error.ts";

/** The line of a server's pid file that tells its port. */
const portLine = 3;

/** The secret that buyer tokens are signed with, from the embedded database of a running service. */
export async function readSigningSecret(dataDir: string): Promise<Buffer> {
  const lines = (await readFile(join(dataDir, "postgres/postmaster.pid"), "utf8")).split("\n");
  const password = (await readFile(join(dataDir, "postgres-password"), "utf8")).trim();
  const client = new pg.Client({
    host: "127.0.0.1",
    port: Number(lines[portLine]),
    user: "holdfast",
    database: "holdfast",
    password,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  await client.connect();
  try {
    const found = await client.query<{ secret: Buffer }>(
      "select secret from signing_secrets where purpose = 'buyer tokens'",
    );
    const secret = found.rows[0]?.secret;
    if (secret === undefined) throw new RunError("The service has no secret for tokens.");
    return secret;
  } finally {
    await client.end();
  }
}
