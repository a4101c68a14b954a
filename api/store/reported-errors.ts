import { type Selectable, sql } from "kysely";
import type { ReportedError } from "../kernel/worker-report.ts";
import { instantArray, plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import type { Schema } from "./schema.ts";

/** An error as the feed has it. */
export interface FeedEntry extends ReportedError {
  /** Rises with every entry of its machine. */
  readonly id: number;
  /** The name of the machine. */
  readonly node: string;
  /** Null for the supervisor itself. */
  readonly worker: number | null;
}

/** Adds entries of one machine in one statement. Those that are there already stay as they are. */
export async function insertErrors(
  database: Database,
  nodeId: string,
  entries: readonly FeedEntry[],
): Promise<void> {
  const texts = (read: (entry: FeedEntry) => string | null) => textArray(entries.map(read).map(storableText));
  const numbers = (read: (entry: FeedEntry) => number | null) =>
    plainArray(entries.map((entry) => read(entry) ?? "NULL"));
  await sql`
    insert into reported_errors (node_id, id, at, level, message, node, worker, error_type, sqlstate,
      request_id, route, status, stack)
    select ${nodeId}::uuid, * from unnest(
      ${numbers((entry) => entry.id)}::bigint[], ${instantArray(entries.map((entry) => entry.at_ms))}::timestamptz[],
      ${texts((entry) => entry.level)}::text[], ${texts((entry) => entry.message)}::text[],
      ${texts((entry) => entry.node)}::text[], ${numbers((entry) => entry.worker)}::int[],
      ${texts((entry) => entry.error_type)}::text[], ${texts((entry) => entry.sqlstate)}::text[],
      ${texts((entry) => entry.request_id)}::text[], ${texts((entry) => entry.route)}::text[],
      ${numbers((entry) => entry.status)}::int[], ${texts((entry) => entry.stack)}::text[])
    on conflict do nothing`.execute(database);
}

/** The newest entries of a machine, oldest first. */
export async function selectNewestErrors(
  database: Database,
  nodeId: string,
  entriesMax: number,
): Promise<FeedEntry[]> {
  const rows = await database
    .selectFrom("reported_errors")
    .selectAll()
    .where("node_id", "=", nodeId)
    .orderBy("id", "desc")
    .limit(entriesMax)
    .execute();
  return rows.reverse().map(entryFromRow);
}

/** Keeps the newest entries of all machines together, and deletes the others. */
export async function deleteOldestErrors(database: Database, entriesKept: number): Promise<void> {
  await sql`
    delete from reported_errors where at < (
      select at from reported_errors order by at desc offset ${entriesKept - 1} limit 1
    )`.execute(database);
}

function entryFromRow(row: Selectable<Schema["reported_errors"]>): FeedEntry {
  const { id, level, message, node, worker, error_type, sqlstate, request_id, route, status, stack } = row;
  return {
    id,
    at_ms: row.at,
    level,
    message,
    node,
    worker,
    error_type,
    sqlstate,
    request_id,
    route,
    status,
    stack,
  };
}

/** PostgreSQL has no character of code 0, which any other text may carry. */
function storableText(text: string | null): string | null {
  return text?.replaceAll("\0", "\uFFFD") ?? null;
}
