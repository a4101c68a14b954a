import { type QuotaReply, quotaRequest } from "./quota-messages.ts";
import type { QuotaSource } from "./quota-source.ts";

/**
 * Counts the calls that a worker sent, for the supervisor, whose quotas all workers of the machine share.
 *
 * @param message as it came from another process, hence of any shape
 * @param quotas must be the same for all workers
 * @returns the message to send back; null for a message that is not a well-formed request
 */
export function answerQuotas(message: unknown, quotas: QuotaSource): Promise<QuotaReply> | null {
  const parsed = quotaRequest.safeParse(message);
  if (!parsed.success) return null;
  const { id, calls } = parsed.data;
  const counted = calls.map(({ policy, client }) => quotas.consume(policy, client));
  return Promise.all(counted).then((uses) => ({ kind: "quota_reply", id, uses }));
}
