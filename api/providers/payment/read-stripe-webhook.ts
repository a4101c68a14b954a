import { z } from "zod";

/** What a message signed by Stripe is about. Whether it is true, only asking Stripe tells. */
type StripeNews =
  | { readonly kind: "about_order"; readonly orderId: string }
  | { readonly kind: "no_concern" }
  /** Not signed with our secret, or too old. */
  | { readonly kind: "forged" };

export type ReadStripeWebhook = (body: Buffer, signature: string) => StripeNews;

const paymentNews = z.object({
  type: z.string().startsWith("payment_intent."),
  data: z.object({ object: z.object({ metadata: z.object({ order_id: z.uuid() }) }) }),
});

/**
 * Loads what checks Stripe's signatures.
 *
 * @param secret the webhook endpoint's own, `whsec_...`
 */
export async function openStripeWebhooks(secret: string): Promise<ReadStripeWebhook> {
  const { Stripe } = await import("stripe");
  return (body, signature) => {
    let event: unknown;
    try {
      event = Stripe.webhooks.constructEvent(body, signature, secret);
    } catch (error) {
      // What is signed and still cannot be read is of a kind that nobody asked Stripe to send.
      return error instanceof Stripe.errors.StripeSignatureVerificationError
        ? { kind: "forged" }
        : { kind: "no_concern" };
    }
    const news = paymentNews.safeParse(event);
    if (!news.success) return { kind: "no_concern" };
    return { kind: "about_order", orderId: news.data.data.object.metadata.order_id.toLowerCase() };
  };
}
