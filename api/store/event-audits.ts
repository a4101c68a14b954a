import { sql } from "kysely";
import type { AuditEntry } from "../domain/stock-books.ts";
import { plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";
import type { Statement } from "./statement.ts";

/** Writes who changed an event's sale, and why. */
export function insertAudits(entries: readonly AuditEntry[], nowMs: number): Statement {
  return {
    name: "insert-audits",
    text: `insert into event_audits (event_id, action, actor, reason, at)
      select event_id, action, actor, reason, $5 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        as new (event_id, action, actor, reason)`,
    values: [
      plainArray(entries.map((entry) => entry.eventId)),
      plainArray(entries.map((entry) => entry.action)),
      textArray(entries.map((entry) => entry.actor)),
      textArray(entries.map((entry) => entry.reason)),
      new Date(nowMs),
    ],
  };
}

/** A pause or a resumption that was made lately, on any machine. */
export interface RecentPause {
  readonly id: number;
  readonly action: "paused" | "resumed";
  readonly eventName: string;
  readonly actor: string;
  readonly reason: string | null;
  /** How long ago it was made. */
  readonly agoMs: number;
}

/** The latest pauses and resumptions, oldest first. */
export async function selectRecentPauses(
  database: Database,
  options: { readonly withinSeconds: number; readonly entriesMax: number },
): Promise<RecentPause[]> {
  const result = await sql<RecentPause>`
    select event_audits.id, action, name as "eventName", actor, reason,
      (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "agoMs"
    from event_audits join events on events.id = event_audits.event_id
    where at > statement_timestamp() - make_interval(secs => ${options.withinSeconds})
      and action in ('paused', 'resumed')
    order by at desc, event_audits.id desc limit ${options.entriesMax}`.execute(database);
  return result.rows.reverse();
}
