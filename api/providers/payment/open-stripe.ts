import type { Stripe } from "stripe";

/** Where Stripe's API is, if not at Stripe. */
export interface StripeAddress {
  readonly protocol: "http" | "https";
  readonly host: string;
  readonly port: number;
}

/** How long one call may take in all, its answer included. */
const callMs = 10_000;

/**
 * Loads Stripe's client. It takes some 40 MB and a tenth of a second, which only those pay who use it.
 *
 * It never asks twice by itself: whether to ask again is decided where the order is.
 */
export async function openStripe(secretKey: string, address: StripeAddress | null): Promise<Stripe> {
  const { Stripe } = await import("stripe");
  return new Stripe(secretKey, {
    maxNetworkRetries: 0,
    timeout: callMs,
    telemetry: false,
    // This one's time limit is for the whole call, the other's for each pause within it.
    httpClient: Stripe.createFetchHttpClient(),
    ...address,
  });
}
