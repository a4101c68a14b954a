import { setTimeout as wait } from "node:timers/promises";

/**
 * What the server's commit log says of a transaction; null when it has forgotten it. "doubtful" when a crash may have
 * given its id to another transaction since.
 */
export type TransactionStatus = "committed" | "aborted" | "in progress" | "doubtful" | null;

/** How long a client may be kept waiting for the truth about a commit. */
const readBackMaxMs = 3_000;
const pauseMs = 100;

/**
 * Finds out what became of a transaction whose COMMIT was not answered.
 *
 * @param ask asks the server's commit log over a new connection; asked again while it fails, since the server may
 *   be away for a moment
 * @returns "unknown" when no server could tell within the limit, or nobody can tell any more
 */
export async function readBackCommit(
  ask: () => Promise<TransactionStatus>,
): Promise<"committed" | "aborted" | "unknown"> {
  const deadlineMs = performance.now() + readBackMaxMs;
  while (performance.now() < deadlineMs) {
    const status = await ask().catch(() => null);
    // While it is in progress, the old connection's process has not noticed yet that its client is gone.
    if (status === "committed" || status === "aborted") return status;
    if (status === "doubtful") return "unknown";
    await wait(pauseMs);
  }
  return "unknown";
}
