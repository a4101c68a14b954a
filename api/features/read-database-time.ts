import type { Database } from "../store/open-database.ts";
import { selectNow } from "../store/select-now.ts";

/** The database's time in milliseconds since 1970. Throws when the database does not answer: the check of readiness. */
export function readDatabaseTime({ database }: { database: Database }): Promise<number> {
  return selectNow(database);
}
