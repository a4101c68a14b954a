import pg from "pg";
import { expect, test } from "vitest";
import { selectTransactionStatus } from "../../api/store/desk-connection.ts";
import { readPostmasterPid } from "../support/start-service-process.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { startEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

/** Asks what became of a transaction, over a connection of its own. */
async function ask(connectionString: string, id: string, begunAtMs: number): Promise<string | null> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  try {
    await client.connect();
    const { text, values } = selectTransactionStatus(id, begunAtMs);
    const { rows } = await client.query<{ status: string | null }>(text, [...values]);
    return rows[0]?.status ?? null;
  } finally {
    await client.end().catch(() => {});
  }
}

test(
  "a commit is certain while the server runs, checkpoints or not, and doubtful after it has crashed",
  { timeout: 60_000 },
  async () => {
    const dataDir = await makeDataDir();
    const server = await startEmbeddedPostgres({ dataDir, log: () => {} });
    try {
      const client = new pg.Client({ connectionString: server.connectionString });
      client.on("error", () => {});
      await client.connect();
      await waitFor("the second of the last checkpoint to be over", async () => {
        const { rows } = await client.query(
          "select date_trunc('second', clock_timestamp()) > checkpoint_time as over from pg_control_checkpoint()",
        );
        return rows[0].over === true;
      });
      const { rows } = await client.query(
        "select pg_current_xact_id()::text as id, extract(epoch from clock_timestamp())::float8 * 1000 as at_ms",
      );
      const [id, atMs] = [String(rows[0].id), Number(rows[0].at_ms)];
      expect(await ask(server.connectionString, id, atMs)).toBe("committed");
      await client.query("create table witness (); checkpoint");
      expect(await ask(server.connectionString, id, atMs)).toBe("committed");

      const killed = await readPostmasterPid(dataDir);
      process.kill(killed ?? -1, "SIGKILL");
      const status = await waitFor(
        "the server to be back",
        async () => {
          const pid = await readPostmasterPid(dataDir);
          return pid !== null && pid !== killed && ask(server.connectionString, id, atMs).catch(() => null);
        },
        40_000,
      );
      expect(status).toBe("doubtful");
    } finally {
      await server.stop();
      await removeDataDir(dataDir, server.dataDirectory);
    }
  },
);
