import { type RawBuilder, sql } from "kysely";
import type { Database } from "./open-database.ts";

/** What separates words, whatever the parser of the text search makes of it: it would take AC/DC for a file's path. */
const separators = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const anySeparator = new RegExp(`[\\s${separators.replaceAll(/[\\\]^-]/g, "\\$&")}]+`);

/**
 * The ids of events whose name has all words of a search, or words that begin with them.
 *
 * @returns null when there is no word in it, which asks for all events
 */
export function matchingEvents(search: string): RawBuilder<unknown> | null {
  const words = search.split(anySeparator).filter((word) => word !== "");
  if (words.length === 0) return null;
  // Nothing in a word can end its quotation any more.
  const query = words.map((word) => `'${word}':*`).join(" & ");
  // The expression is that of the index events_search, to the letter. The offset keeps the planner from walking the
  // catalogue in its order until enough names match, which for a rare word is the whole of it.
  return sql`select id from events where to_tsvector('simple', translate(name, ${sql.lit(separators)},
    ${sql.lit(" ".repeat(separators.length))})) @@ to_tsquery('simple', ${query}) offset 0`;
}

/** How many events match. Reads them all: thousands in a few milliseconds. */
export async function countMatching(database: Database, matching: RawBuilder<unknown>): Promise<number> {
  const result = await sql<{
    total: number;
  }>`select count(*) as total from (${matching}) as matching`.execute(database);
  return Number(result.rows[0]?.total ?? 0);
}

/** How many events there are. A trigger keeps count, since counting takes longer with every event and every sale. */
export async function countEvents(database: Database): Promise<number> {
  const row = await database.selectFrom("event_count").select("events").executeTakeFirst();
  return Number(row?.events ?? 0);
}
