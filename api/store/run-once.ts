import { CompiledQuery, sql } from "kysely";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../kernel/idempotency.ts";
import { selectTransactionStatus } from "./desk-connection.ts";
import { claimKey, recordReply } from "./idempotency-records.ts";
import type { Database } from "./open-database.ts";
import { readBackCommit, type TransactionStatus } from "./read-back-commit.ts";
import { failureKindOf } from "./sqlstate.ts";

/**
 * Runs an effect and records its reply in one transaction, so that a repeated request finds the first reply.
 * For requests that do not go by the desk. Without a claim the effect simply runs in a transaction.
 *
 * @param effect must write through the transaction it is given only
 */
export async function runOnce(
  database: Database,
  claim: IdempotencyClaim | null,
  effect: (transaction: Database) => Promise<RecordedReply>,
): Promise<IdempotentOutcome> {
  let begun: BegunTransaction | null = null;
  let outcome: IdempotentOutcome | null = null;
  let isClaiming = claim !== null;
  const watched = (transaction: Database) => {
    isClaiming = false;
    return effect(transaction);
  };
  try {
    await database.transaction().execute(async (transaction) => {
      begun = await selectTransaction(transaction);
      outcome = await runInTransaction(transaction, claim, watched);
    });
  } catch (error) {
    const failure = failureKindOf(error);
    // The claim can meet a lock of the same key only; the effect, those of others.
    if (failure === "lock_timeout") return { kind: isClaiming ? "idempotency_in_progress" : "overloaded" };
    if (begun === null || outcome === null || failure !== "unavailable") throw error;
    const unanswered: BegunTransaction = begun;
    const became = await readBackCommit(() => selectStatus(database, unanswered));
    if (became !== "committed") {
      return { kind: "database_unavailable", effect: became === "aborted" ? "none" : "unknown" };
    }
  }
  if (outcome === null) throw new Error("A transaction ended without an outcome.");
  return outcome;
}

async function runInTransaction(
  transaction: Database,
  claim: IdempotencyClaim | null,
  effect: (transaction: Database) => Promise<RecordedReply>,
): Promise<IdempotentOutcome> {
  if (claim === null) return { kind: "recorded", reply: await effect(transaction), replayed: false };
  const earlier = await claimKey(transaction, claim);
  if (earlier !== null) {
    if (earlier.requestDigest !== claim.requestDigest) return { kind: "idempotency_mismatch" };
    // Claim and reply are written in one transaction here.
    if (earlier.reply === null) throw new Error("An idempotency record was committed without its reply.");
    return { kind: "recorded", reply: earlier.reply, replayed: true };
  }
  const reply = await effect(transaction);
  await recordReply(transaction, claim, reply);
  return { kind: "recorded", reply, replayed: false };
}

interface BegunTransaction {
  readonly id: string;
  /** By the database's clock. */
  readonly atMs: number;
}

async function selectTransaction(transaction: Database): Promise<BegunTransaction | null> {
  const result = await sql<BegunTransaction>`select pg_current_xact_id()::text as id,
    date_trunc('milliseconds', clock_timestamp()) as "atMs"`.execute(transaction);
  return result.rows[0] ?? null;
}

async function selectStatus(database: Database, { id, atMs }: BegunTransaction): Promise<TransactionStatus> {
  const { text, values } = selectTransactionStatus(id, atMs);
  const result = await database.executeQuery<{ status: TransactionStatus }>(CompiledQuery.raw(text, values));
  return result.rows[0]?.status ?? null;
}
