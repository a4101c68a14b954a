import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeWebhookSecret } from "../../providers/webhooks/sign-message.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import {
  deleteWebhookEndpoint,
  enableWebhookEndpoint,
  rotateWebhookSecret,
  type WebhookEndpoint,
} from "../../store/webhook-endpoints.ts";

/** How long a receiver has to learn of its new secret. */
const overlapSeconds = 24 * 3600;

/** An endpoint with its new secret; null when there is no such endpoint. */
export type RotatedEndpoint = { readonly endpoint: WebhookEndpoint; readonly secret: string } | null;

/** Gives an endpoint a new secret; the old one stays valid for a day. @param render makes the reply that is kept */
export function rotateSecret(
  { database }: { readonly database: Database },
  endpointId: string,
  claim: IdempotencyClaim | null,
  render: (rotated: RotatedEndpoint) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) => {
    const secret = makeWebhookSecret();
    const endpoint = await rotateWebhookSecret(transaction, endpointId, { secret, overlapSeconds });
    return render(endpoint && { endpoint, secret });
  });
}

/** Has messages sent to an endpoint again. @param render is given null when there is no such endpoint */
export function enableEndpoint(
  { database }: { readonly database: Database },
  endpointId: string,
  claim: IdempotencyClaim | null,
  render: (endpoint: WebhookEndpoint | null) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) =>
    render(await enableWebhookEndpoint(transaction, endpointId)),
  );
}

/** Deletes an endpoint. @returns false when there is no endpoint with that id */
export function deleteEndpoint(
  { database }: { readonly database: Database },
  endpointId: string,
): Promise<boolean> {
  return deleteWebhookEndpoint(database, endpointId);
}
