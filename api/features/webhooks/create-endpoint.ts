import type { NoticeType } from "../../domain/webhook-notices.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import { makeId } from "../../kernel/ids.ts";
import { checkDestination, type DestinationFault } from "../../providers/outside/check-destination.ts";
import { makeWebhookSecret } from "../../providers/webhooks/sign-message.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import { insertWebhookEndpoint, type WebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** So few that every transaction can look at all of them. */
const endpointsMax = 20;

/** An endpoint with its secret; null when there are too many. */
export type CreatedEndpoint = { readonly endpoint: WebhookEndpoint; readonly secret: string } | null;

/** Creates an endpoint. @param render turns it, with the only showing of its secret, into the reply that is kept */
export function createEndpoint(
  { database }: { readonly database: Database },
  request: { readonly url: string; readonly eventTypes: readonly NoticeType[] },
  claim: IdempotencyClaim | null,
  render: (created: CreatedEndpoint) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) => {
    const secret = makeWebhookSecret();
    const values = { id: makeId(), ...request, secret };
    const endpoint = await insertWebhookEndpoint(transaction, values, endpointsMax);
    return render(endpoint && { endpoint, secret });
  });
}

/** Tells whether messages may be sent to a URL. */
export function checkEndpointUrl(
  { allowPrivateAddresses }: { readonly allowPrivateAddresses: boolean },
  url: string,
): Promise<DestinationFault> {
  return checkDestination(url, { allowPrivate: allowPrivateAddresses });
}
