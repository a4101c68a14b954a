import { randomBytes } from "node:crypto";
import type { Database } from "./open-database.ts";

/** The secret for a purpose, made by whoever asks first and the same for everybody afterwards. */
export async function ensureSigningSecret(database: Database, purpose: string): Promise<Buffer> {
  await database
    .insertInto("signing_secrets")
    .values({ purpose, secret: randomBytes(32) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await database
    .selectFrom("signing_secrets")
    .select("secret")
    .where("purpose", "=", purpose)
    .executeTakeFirstOrThrow();
  return row.secret;
}
