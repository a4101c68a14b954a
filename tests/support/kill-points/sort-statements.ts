/**
 * Which statements a case is about. `step`: one that the case takes. `look`: one that comes again and again by itself,
 * and is a step only when it finds something. Null for any other.
 */
export type Sorter = (text: string) => "step" | "look" | null;

const changing = /\b(?:insert into|delete from|(?<!for |key )update) [a-z_.]+/i;

/** What reads, and tells by its text that it is asked for by the clock: sweeps, watchers, audits, looking after jobs. */
const byTheClock =
  /statement_timestamp|clock_timestamp\(\) - at\b|heartbeat_on|next_expiry_at|really_held|judged as|\bpg_(?:class|stat\w+)|"nodes"/i;
const takingJobs = /^\s*with\s+next\s+as/i;

/** The desk reads it once it has its locks. */
const readingClock = /clock_timestamp\(\)\) as now, pg_current_xact_id/;

/** A job is added, or taken out by those who know its id: not put back or deleted by who looks after all jobs. */
const changingJobs =
  /^\s*(?:insert\s+into\s+pgboss\.job_common|with\s+results\s+as\s+\(\s*delete\s+from\s+pgboss\.job_common\s+where\s+name = \$1\s+and\s+id = any)/i;

/** Sorts by the tables that a statement names. The jobs that belong to a case always count. */
export function sortByTables(tables: readonly string[]): Sorter {
  const named = new RegExp(String.raw`\b(?:${tables.join("|")})\b`, "i");
  return (text) => {
    if (takingJobs.test(text)) return "look";
    if (readingClock.test(text) || changingJobs.test(text)) return "step";
    if (!named.test(text) || text.includes("pgboss.")) return null;
    return changing.test(text) || !byTheClock.test(text) ? "step" : null;
  };
}

/** A short name for a statement: what it does, and with which table. */
export function nameStatement(text: string): string {
  if (takingJobs.test(text)) return "take jobs";
  if (readingClock.test(text)) return "read the clock";
  const plain = text.replaceAll(/\s+/g, " ").replaceAll('"', "").trim();
  const change = changing.exec(plain)?.[0];
  if (change !== undefined) return change.toLowerCase();
  if (plain.includes("pg_advisory_xact_lock")) return "lock a name";
  const table = /\bfrom (?!unnest)([a-z_.]+)/i.exec(plain)?.[1] ?? plain.slice(0, 60);
  return `${/\bfor (?:no key )?update\b/i.test(plain) ? "lock" : "read"} ${table}`;
}
