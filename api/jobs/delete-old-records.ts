import { deleteOldRecords } from "../store/idempotency-records.ts";
import type { Database } from "../store/open-database.ts";

/** The contract promises 24 hours; the rest is for clients that retry late. */
const keptHours = 48;
const roundMax = 1_000;
const pauseMs = 60_000;

/**
 * Deletes idempotency records that nobody may rely on any more, a bounded number at a time.
 *
 * @returns how long to rest, in ms
 */
export async function deleteOldRecordsOnce({ database }: { database: Database }): Promise<number> {
  const deleted = await deleteOldRecords(database, keptHours, roundMax);
  return deleted === roundMax ? 100 : pauseMs;
}
