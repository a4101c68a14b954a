import type { AuditEntry } from "../domain/stock-books.ts";
import { plainArray, textArray } from "./array-literals.ts";
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
