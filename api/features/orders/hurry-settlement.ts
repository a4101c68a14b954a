import { hurryJob } from "../../store/durable-jobs.ts";
import type { Database } from "../../store/open-database.ts";

/**
 * Makes the job that asks what came of an order's payment due at once. An order that is settled has none, and one that
 * is being asked about is left alone.
 */
export async function hurrySettlement(
  { database }: { readonly database: Database },
  orderId: string,
): Promise<void> {
  await hurryJob(database, "settle-payment", orderId);
}
