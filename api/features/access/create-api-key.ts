import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeId } from "../../kernel/ids.ts";
import { type ApiKey, insertApiKey, type KeyRole } from "../../store/api-keys.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import { generateKey, hashKey } from "./hash-key.ts";

/** Creates an API key. @param render turns it, with its only showing, into the reply that is kept for replays */
export function createApiKey(
  { database }: { database: Database },
  request: { name: string; role: KeyRole },
  claim: IdempotencyClaim | null,
  render: (apiKey: ApiKey, key: string) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) => {
    const key = generateKey(request.role);
    const apiKey = await insertApiKey(transaction, { id: makeId(), ...request, digest: hashKey(key) });
    return render(apiKey, key);
  });
}
