import { deleteOldRecords } from "../store/idempotency-records.ts";
import type { Database } from "../store/open-database.ts";
import { deleteOldWebhookMessages } from "../store/webhook-messages.ts";

/** The contract promises 24 hours; the rest is for clients that retry late. */
const keptHours = 48;
/** Time enough to see what was sent, and to send it again. */
const messagesKeptDays = 7;
const roundMax = 1_000;
const pauseMs = 60_000;

/**
 * Deletes idempotency records that nobody may rely on any more and the messages of old webhooks, a bounded number at a time.
 *
 * @returns how long to rest, in ms
 */
export async function deleteOldRecordsOnce({ database }: { database: Database }): Promise<number> {
  const deleted = await deleteOldRecords(database, keptHours, roundMax);
  const deletedMessages = await deleteOldWebhookMessages(database, messagesKeptDays, roundMax);
  return deleted === roundMax || deletedMessages === roundMax ? 100 : pauseMs;
}
