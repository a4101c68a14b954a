import type { z } from "zod";
import type { paymentProvider } from "../../contract/orders.ts";
import { badLineOf } from "../outside/bad-line.ts";
import type { DemoBooks } from "./demo-books.ts";
import { DemoPayments } from "./demo-payments.ts";
import { UnreliablePayments } from "./unreliable-payments.ts";
import type { StripeAddress } from "./open-stripe.ts";
import type { PaymentProvider } from "./payment-provider.ts";
import { StripePayments } from "./stripe-payments.ts";

export type PaymentProviders = ReadonlyMap<z.infer<typeof paymentProvider>, PaymentProvider>;

interface PaymentSettings {
  /** Whether tickets may be had for play money. */
  readonly demo: boolean;
  readonly demoBooks: DemoBooks;
  /** The part of the calls to the demo's provider that fail, 0 to 1. */
  readonly demoPaymentFailureRate: number;
  /** Null: no payments through Stripe. */
  readonly stripeSecretKey: string | null;
  /** Stripe itself when absent. */
  readonly stripeAddress?: StripeAddress;
}

/** The providers that a shop takes payments through; an order that names another is refused. May be none. */
export async function openPaymentProviders(settings: PaymentSettings): Promise<PaymentProviders> {
  const providers = new Map<z.infer<typeof paymentProvider>, PaymentProvider>();
  // Outside of the demo it would sell for nothing.
  if (settings.demo) providers.set("demo", openDemo(settings));
  if (settings.stripeSecretKey !== null) {
    const secretKey = settings.stripeSecretKey;
    const address = settings.stripeAddress ?? null;
    providers.set("stripe", await StripePayments.open({ secretKey, address }));
  }
  return providers;
}

function openDemo({ demoBooks, demoPaymentFailureRate: rate }: PaymentSettings): PaymentProvider {
  const provider = new DemoPayments(demoBooks);
  return rate === 0 ? provider : new UnreliablePayments(provider, badLineOf(rate));
}
