import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../../kernel/idempotency.ts";
import type { Database } from "../../store/open-database.ts";
import { runOnce } from "../../store/run-once.ts";
import { resendWebhookMessage, type WebhookDelivery } from "../../store/webhook-deliveries.ts";
import { selectWebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** The delivery that is to be made, or why there is none. */
export type Resending =
  | { readonly kind: "resending"; readonly delivery: WebhookDelivery }
  | { readonly kind: "endpoint_not_found" | "endpoint_disabled" | "message_not_found" };

/** Has a message sent to an endpoint again. @param render makes the reply that is kept */
export function resendMessage(
  { database }: { readonly database: Database },
  { endpointId, messageId }: { readonly endpointId: string; readonly messageId: string },
  claim: IdempotencyClaim | null,
  render: (resending: Resending) => RecordedReply,
): Promise<IdempotentOutcome> {
  return runOnce(database, claim, async (transaction) => {
    const endpoint = await selectWebhookEndpoint(transaction, endpointId);
    if (endpoint === null) return render({ kind: "endpoint_not_found" });
    if (endpoint.disabledReason !== null) return render({ kind: "endpoint_disabled" });
    const delivery = await resendWebhookMessage(transaction, endpointId, messageId);
    return render(delivery === null ? { kind: "message_not_found" } : { kind: "resending", delivery });
  });
}
