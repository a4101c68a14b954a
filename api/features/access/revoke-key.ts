import { revokeApiKey } from "../../store/api-keys.ts";
import type { Database } from "../../store/open-database.ts";
import type { KeyAuthenticator } from "./authenticate-key.ts";

/** Ends an API key. @returns false when there is no live key with that id */
export async function revokeKey(
  { database, keys }: { database: Database; keys: KeyAuthenticator },
  keyId: string,
): Promise<boolean> {
  const revoked = await revokeApiKey(database, keyId);
  keys.forget(keyId);
  return revoked;
}
