import { setTimeout as wait } from "node:timers/promises";
import { DeskConnection, selectTransactionStatus } from "../store/desk-connection.ts";

/** How long a buyer may be kept waiting for the truth about a commit. */
const readBackMaxMs = 3_000;
const pauseMs = 100;

/**
 * Asks the server's commit log, over a new connection, what became of a transaction whose COMMIT was not answered.
 *
 * @returns "unknown" when no server could tell within the limit
 */
export async function readBackCommit(
  options: { readonly connectionString: string; readonly applicationName: string },
  transactionId: string,
): Promise<"committed" | "aborted" | "unknown"> {
  const deadlineMs = performance.now() + readBackMaxMs;
  while (performance.now() < deadlineMs) {
    const status = await askOnce(options, transactionId);
    // While it is in progress, the old connection's process has not noticed yet that its client is gone.
    if (status === "committed" || status === "aborted") return status;
    await wait(pauseMs);
  }
  return "unknown";
}

async function askOnce(
  options: { readonly connectionString: string; readonly applicationName: string },
  transactionId: string,
): Promise<"committed" | "aborted" | "in progress" | null> {
  let connection: DeskConnection | null = null;
  try {
    connection = await DeskConnection.open(options.connectionString, options.applicationName);
    const [row] = await connection.run(selectTransactionStatus(transactionId));
    return row?.status ?? null;
  } catch {
    // The server is still away: asking again is all there is to do.
    return null;
  } finally {
    connection?.close().catch(() => {});
  }
}
