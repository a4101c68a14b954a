import { type Selectable, sql } from "kysely";
import type { NoticeType } from "../domain/webhook-notices.ts";
import type { PageRequest } from "../kernel/page.ts";
import type { Database } from "./open-database.ts";
import { type PageOrder, readPage } from "./read-page.ts";
import type { Schema } from "./schema.ts";

/** Who is told what. Its secrets are read only where something is signed. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly eventTypes: readonly NoticeType[];
  readonly createdAtMs: number;
  /** Why nothing is sent to it; null while something is. */
  readonly disabledReason: string | null;
}

const columns = ["id", "url", "event_types", "created_at", "disabled_reason"] as const;

/**
 * Adds an endpoint unless there are `endpointsMax` already, those included that are disabled.
 *
 * @param transaction one that is open: the count holds until it ends
 * @returns null when there are too many
 */
export async function insertWebhookEndpoint(
  transaction: Database,
  endpoint: {
    readonly id: string;
    readonly url: string;
    readonly eventTypes: readonly NoticeType[];
    readonly secret: string;
  },
  endpointsMax: number,
): Promise<WebhookEndpoint | null> {
  // Keeps out other writers, and lets the desk read.
  await sql`lock table webhook_endpoints in share row exclusive mode`.execute(transaction);
  if ((await countEndpoints(transaction)) >= endpointsMax) return null;
  const row = await transaction
    .insertInto("webhook_endpoints")
    .values({
      id: endpoint.id,
      url: endpoint.url,
      event_types: [...endpoint.eventTypes],
      secret: endpoint.secret,
      created_at: sql<Date>`date_trunc('milliseconds', clock_timestamp())`,
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  return endpointFromRow(row);
}

/** The endpoint, unless it was deleted. */
export async function selectWebhookEndpoint(database: Database, id: string): Promise<WebhookEndpoint | null> {
  const row = await present(database).select(columns).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : endpointFromRow(row);
}

/** The endpoints that were not deleted, newest first. */
export function selectWebhookEndpointPage(database: Database, request: PageRequest) {
  const select = (cursor: string | null, order: PageOrder, rowsMax: number) => {
    const page = present(database).select(columns).orderBy("id", order).limit(rowsMax);
    return (cursor === null ? page : page.where("id", order === "desc" ? "<" : ">", cursor)).execute();
  };
  return readPage(request, { select, count: () => countEndpoints(database), map: endpointFromRow });
}

/** Deletes an endpoint: from now on nothing is kept for it. @returns false when there is none with that id */
export async function deleteWebhookEndpoint(database: Database, id: string): Promise<boolean> {
  const result = await database
    .updateTable("webhook_endpoints")
    .set({ deleted_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/**
 * Puts a new secret in place of the old one, which stays valid beside it for a while.
 *
 * @returns null when there is no such endpoint
 */
export async function rotateWebhookSecret(
  database: Database,
  id: string,
  { secret, overlapSeconds }: { readonly secret: string; readonly overlapSeconds: number },
): Promise<WebhookEndpoint | null> {
  const row = await database
    .updateTable("webhook_endpoints")
    .set(({ ref }) => ({
      secret,
      previous_secret: ref("secret"),
      previous_secret_until: sql<Date>`clock_timestamp() + make_interval(secs => ${overlapSeconds})`,
    }))
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : endpointFromRow(row);
}

/** Has messages sent to an endpoint again. @returns null when there is no such endpoint */
export async function enableWebhookEndpoint(database: Database, id: string): Promise<WebhookEndpoint | null> {
  const row = await database
    .updateTable("webhook_endpoints")
    .set({ disabled_at: null, disabled_reason: null })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? null : endpointFromRow(row);
}

/** Has nothing sent to an endpoint any more. One that is disabled already keeps its reason. */
export async function disableWebhookEndpoint(database: Database, id: string, reason: string): Promise<void> {
  await database
    .updateTable("webhook_endpoints")
    .set({ disabled_at: sql<Date>`clock_timestamp()`, disabled_reason: reason })
    .where("id", "=", id)
    .where("disabled_at", "is", null)
    .execute();
}

function present(database: Database) {
  return database.selectFrom("webhook_endpoints").where("deleted_at", "is", null);
}

async function countEndpoints(database: Database): Promise<number> {
  const row = await present(database)
    .select((all) => all.fn.countAll<number>().as("total"))
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}

function endpointFromRow(
  row: Pick<Selectable<Schema["webhook_endpoints"]>, (typeof columns)[number]>,
): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    // Only types of the contract were ever written.
    eventTypes: row.event_types as NoticeType[],
    createdAtMs: row.created_at,
    disabledReason: row.disabled_reason,
  };
}
