import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../kernel/idempotency.ts";
import { claimKey, recordReply } from "./idempotency-records.ts";
import type { Database } from "./open-database.ts";
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
  try {
    return await database.transaction().execute(async (transaction): Promise<IdempotentOutcome> => {
      if (claim === null) return { kind: "recorded", reply: await effect(transaction), replayed: false };
      const earlier = await claimKey(transaction, claim);
      if (earlier !== null) {
        if (earlier.requestDigest !== claim.requestDigest) return { kind: "idempotency_mismatch" };
        return { kind: "recorded", reply: earlier, replayed: true };
      }
      const reply = await effect(transaction);
      await recordReply(transaction, claim, reply);
      return { kind: "recorded", reply, replayed: false };
    });
  } catch (error) {
    // Only the claim can meet a lock here, and only that of the same key.
    if (claim !== null && failureKindOf(error) === "lock_timeout") return { kind: "idempotency_in_progress" };
    throw error;
  }
}
