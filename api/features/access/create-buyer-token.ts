import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import type { BuyerToken, BuyerTokens } from "./buyer-tokens.ts";

/** Makes a token that acts for one user. @param render turns it into the reply that is kept for replays */
export function createBuyerToken(
  { database, buyerTokens }: { database: Database; buyerTokens: BuyerTokens },
  userId: string,
  claim: IdempotencyClaim | null,
  render: (token: BuyerToken) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async () => render(await buyerTokens.issue(userId)));
}
