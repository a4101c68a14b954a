import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { LineTooLongError, type Turns } from "../../kernel/take-turns.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";

/** What a transaction may come to that does something or refuses. */
export type Effect<Refusal> =
  | { readonly kind: "reply"; readonly reply: RecordedReply }
  | { readonly kind: "refusal"; readonly refusal: Refusal };

/** Ends a transaction that is to have no effect. */
class Refused<Refusal> extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super("The transaction is refused.");
    this.refusal = refusal;
  }
}

/**
 * Runs an effect as `runOnce` does. A refusal undoes it and is not put on record, so the same request may succeed later
 * under the same key.
 *
 * @param turn.key names what the effect locks, for which those in this process wait without a connection
 * @param effect must write through the transaction it is given only
 */
export async function runOrRefuse<Refusal>(
  database: Database,
  turn: { readonly turns: Turns; readonly key: string },
  claim: IdempotencyClaim | null,
  effect: (transaction: Database) => Promise<Effect<Refusal>>,
): Promise<IdempotentOutcome | Refusal> {
  const run = () =>
    runOnce(database, claim, async (transaction) => {
      const result = await effect(transaction);
      if (result.kind === "refusal") throw new Refused(result.refusal);
      return result.reply;
    });
  try {
    return await turn.turns.take(turn.key, run);
  } catch (error) {
    if (error instanceof LineTooLongError) return { kind: "overloaded" };
    if (error instanceof Refused) return (error as Refused<Refusal>).refusal;
    throw error;
  }
}
