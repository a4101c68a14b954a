import { sql } from "kysely";
import type { Selectable } from "kysely";
import type { PageRequest } from "../kernel/page.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";

export type KeyRole = "admin" | "service" | "observer";

/** What is known of a key. The key itself is not kept, only its SHA-256. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: KeyRole;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

const columns = ["id", "name", "role", "created_at", "revoked_at"] as const;

/** Adds a live key. */
export async function insertApiKey(
  database: Database,
  key: { id: string; name: string; role: KeyRole; digest: Buffer },
): Promise<ApiKey> {
  const row = await database.insertInto("api_keys").values(key).returning(columns).executeTakeFirstOrThrow();
  return apiKeyFromRow(row);
}

/** The key with this digest, unless it was revoked. */
export async function selectLiveApiKey(database: Database, digest: Buffer): Promise<ApiKey | null> {
  const row = await database
    .selectFrom("api_keys")
    .select(columns)
    .where("digest", "=", digest)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return row === undefined ? null : apiKeyFromRow(row);
}

/** Ends a key. @returns false when there is no live key with that id */
export async function revokeApiKey(database: Database, keyId: string): Promise<boolean> {
  const result = await database
    .updateTable("api_keys")
    .set({ revoked_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", keyId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Live keys, newest first. */
export function selectApiKeyPage(database: Database, request: PageRequest) {
  const live = database.selectFrom("api_keys").where("revoked_at", "is", null);
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const page = live.select(columns).orderBy("id", order).limit(rowsMax);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  const count = async () => {
    const row = await live.select((all) => all.fn.countAll<number>().as("total")).executeTakeFirst();
    return Number(row?.total ?? 0);
  };
  return readPage(request, { select, count, map: apiKeyFromRow });
}

/** Makes `digest` the one live key of that name, as an operator's configuration demands. */
export async function replaceNamedKey(
  database: Database,
  key: { id: string; name: string; role: KeyRole; digest: Buffer },
): Promise<void> {
  await database
    .updateTable("api_keys")
    .set({ revoked_at: sql<Date>`clock_timestamp()` })
    .where("name", "=", key.name)
    .where("digest", "!=", key.digest)
    .where("revoked_at", "is", null)
    .execute();
  await database
    .insertInto("api_keys")
    .values(key)
    .onConflict((conflict) =>
      conflict.column("digest").doUpdateSet({ revoked_at: null, role: key.role, name: key.name }),
    )
    .execute();
}

function apiKeyFromRow(row: Pick<Selectable<Schema["api_keys"]>, (typeof columns)[number]>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAtMs: row.created_at,
    revokedAtMs: row.revoked_at,
  };
}
