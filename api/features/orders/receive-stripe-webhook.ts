import type { ReadStripeWebhook } from "../../providers/payment/read-stripe-webhook.ts";
import type { Database } from "../../store/open-database.ts";
import { hurrySettlement } from "./hurry-settlement.ts";

interface WebhookContext {
  readonly database: Database;
  readonly readStripeWebhook: ReadStripeWebhook | null;
}

/** `not_configured`: there is no secret to check it by. `forged`: nothing was done. */
type WebhookOutcome = "taken" | "forged" | "not_configured";

/**
 * Takes note of a message about a payment. Nothing in it is believed beyond which order it is about: what came of the
 * payment, the order's own job asks the provider, now instead of later. So a message that comes twice, late or out of
 * order does no harm.
 *
 * @param body as it was sent, to the byte
 * @param signature the header that came with it
 */
export async function receiveStripeWebhook(
  { database, readStripeWebhook }: WebhookContext,
  body: Buffer,
  signature: string,
): Promise<WebhookOutcome> {
  if (readStripeWebhook === null) return "not_configured";
  const news = readStripeWebhook(body, signature);
  switch (news.kind) {
    case "forged":
      return "forged";
    case "no_concern":
      return "taken";
    case "about_order":
      await hurrySettlement({ database }, news.orderId);
      return "taken";
  }
}
