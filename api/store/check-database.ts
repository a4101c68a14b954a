import pg from "pg";
import { timeouts } from "./timeouts.ts";

/** The oldest PostgreSQL that the service is tested with. */
const versionMin = 15;

/** The database cannot be used. The message is one sentence for the operator. */
export class UnusableDatabaseError extends Error {}

/** @throws UnusableDatabaseError when the database cannot be reached, or is too old */
export async function requireUsableDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeouts.driverMs });
  client.on("error", () => {});
  let version: number;
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int / 10000 as version",
    );
    version = rows[0]?.version ?? 0;
  } catch (error) {
    const reason = error instanceof Error && error.message !== "" ? error.message : "no answer";
    throw new UnusableDatabaseError(
      `The database cannot be reached (${reason}); check DATABASE_URL and that it runs.`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
  if (version < versionMin) {
    throw new UnusableDatabaseError(
      `Holdfast needs PostgreSQL ${versionMin} or newer; this one is ${version}.`,
    );
  }
}
